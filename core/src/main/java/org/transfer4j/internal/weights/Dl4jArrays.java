package org.transfer4j.internal.weights;

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
