package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.ArrayLayout;

/** Values that are all in memory. */
record ArrayValues(INDArray all) implements BatchValues {
    @Override
    public int rowLength() {
        return Math.toIntExact(all.length() / all.size(0));
    }

    @Override
    public void copy(int row, int from, int to, ByteBuffer target) {
        requirePlain();
        // not data().asNio(), which starts where the array begins of which this one may be a part
        FloatPointer values = new FloatPointer(all.data().addressPointer());
        long start = values.position() + (long) row * rowLength();
        target.put(values.limit(start + to).position(start + from).asByteBuffer());
    }

    private void requirePlain() {
        if (all.dataType() != DataType.FLOAT || !ArrayLayout.isContiguous(all)) {
            throw new IllegalArgumentException("features must be float in C order: " + all.shapeInfoToString());
        }
    }
}
