package org.transfer4j.internal.format.dl4j;

import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;

/** DL4J's own layout. */
final class Dl4jArrays implements ArrayLayout {
    @Override
    public String owner() {
        return "DL4J";
    }

    @Override
    public long[] kernelShape(LayerShapes layer) {
        return layer.kernel().clone();
    }

    @Override
    public float[] kernelToDl4j(LayerShapes layer, float[] stored) {
        return stored;
    }
}
