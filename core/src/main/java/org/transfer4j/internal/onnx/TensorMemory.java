package org.transfer4j.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.transfer4j.internal.trunk.MemoryOrder;

/**
 * The memory that a model's weights point to until the model is written: the network's own where its values lie in C
 * order, as those of convolutions do, else a copy. So weights are never twice in memory without need.
 */
final class TensorMemory implements AutoCloseable {
    private final List<INDArray> used = new ArrayList<>();
    private final List<INDArray> copies = new ArrayList<>();

    /** The values as little-endian floats in C order, or the bytes as they are, valid until this is closed. */
    ByteString bytes(INDArray values) {
        if (values.dataType() == DataType.UINT8) {
            used.add(values);
            BytePointer memory = new BytePointer(values.data().addressPointer());
            return UnsafeByteOperations.unsafeWrap(memory.limit(values.length()).asByteBuffer());
        }
        INDArray plain = values;
        if (values.dataType() != DataType.FLOAT || !MemoryOrder.isContiguous(values)) {
            plain = values.castTo(DataType.FLOAT).dup('c');
            copies.add(plain);
        }
        used.add(plain);
        FloatPointer memory = new FloatPointer(plain.data().addressPointer());
        return UnsafeByteOperations.unsafeWrap(memory.limit(plain.length()).asByteBuffer());
    }

    @Override
    public void close() {
        copies.forEach(INDArray::close);
        copies.clear();
        used.clear();
    }
}
