package org.transfer4j.onnxruntime;

import java.nio.ByteOrder;
import java.nio.LongBuffer;
import onnx.Onnx.TensorProto;

/** What is in ONNX' tensors. */
final class Tensors {
    /** More than any file has. */
    private static final long MOST_ELEMENTS = 1L << 33;

    private Tensors() {}

    /**
     * The number of a tensor's values.
     *
     * @throws IllegalArgumentException if its dimensions are no sizes, or too many numbers together
     */
    static long elements(TensorProto tensor) {
        long product = 1;
        for (long side : tensor.getDimsList()) {
            if (side < 0 || (side > 0 && product > MOST_ELEMENTS / side)) {
                throw new IllegalArgumentException(
                        "the tensor \"" + tensor.getName() + "\" can't have the dimensions " + tensor.getDimsList());
            }
            product *= side;
        }
        return product;
    }

    /** Half bytes of a value; 0 where a value has no fixed width, as texts. */
    static int width(TensorProto tensor) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
        if (type == null) {
            return tensor.getDataType() == 21 || tensor.getDataType() == 22
                    ? 1
                    : 0; // UINT4 and INT4, newer than this reader
        }
        return switch (type) {
            case UINT8, INT8, BOOL -> 2;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 4;
            case FLOAT, INT32, UINT32 -> 8;
            case DOUBLE, INT64, UINT64, COMPLEX64 -> 16;
            case COMPLEX128 -> 32;
            default -> 0;
        };
    }

    static boolean isFloat(TensorProto tensor) {
        return tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber()
                || tensor.getDataType() == TensorProto.DataType.FLOAT16.getNumber()
                || tensor.getDataType() == TensorProto.DataType.BFLOAT16.getNumber()
                || tensor.getDataType() == TensorProto.DataType.DOUBLE.getNumber();
    }

    /** The values of a tensor of type INT64. */
    static long[] integers(TensorProto tensor) {
        if (tensor.getRawData().isEmpty()) {
            return tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
        }
        LongBuffer values = tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer();
        long[] copy = new long[values.remaining()];
        values.get(copy);
        return copy;
    }
}
