package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Values that are all in memory. */
record ArrayValues(INDArray all) implements BatchValues {
    @Override
    public int rowLength() {
        return Math.toIntExact(all.length() / all.size(0));
    }

    @Override
    public void copyRow(int row, ByteBuffer target) {
        requirePlain();
        // not data().asNio(), which starts where the array begins of which this one may be a part
        FloatPointer values = new FloatPointer(all.data().addressPointer());
        long start = values.position() + (long) row * rowLength();
        target.put(values.limit(start + rowLength()).position(start).asByteBuffer());
    }

    private void requirePlain() {
        if (all.dataType() != DataType.FLOAT || !isInOrder()) {
            throw new IllegalArgumentException("features must be float in C order: " + all.shapeInfoToString());
        }
    }

    /** Not ND4J's own question for default strides: its answer is no for arrays of one row. */
    private boolean isInOrder() {
        long stride = 1;
        for (int dimension = all.rank() - 1; dimension >= 0; dimension--) {
            if (all.size(dimension) > 1 && all.stride(dimension) != stride) {
                return false;
            }
            stride *= all.size(dimension);
        }
        return true;
    }
}
