package org.transfer4j.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import onnx.Onnx.TensorProto;
import org.transfer4j.onnxruntime.Foreseen.ExactNumbers;

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
        return width(type);
    }

    /** The same for a type. */
    static int width(TensorProto.DataType type) {
        return switch (type) {
            case UINT8, INT8, BOOL -> 2;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 4;
            case FLOAT, INT32, UINT32 -> 8;
            case DOUBLE, INT64, UINT64, COMPLEX64 -> 16;
            case COMPLEX128 -> 32;
            default -> 0;
        };
    }

    /** How many of the fields that can have a tensor's values do. A runtime may read another one than is looked at here. */
    static int kinds(TensorProto tensor) {
        return (int) Stream.of(
                        !tensor.getRawData().isEmpty(),
                        tensor.getFloatDataCount() > 0,
                        tensor.getDoubleDataCount() > 0,
                        tensor.getInt32DataCount() > 0,
                        tensor.getInt64DataCount() > 0,
                        tensor.getUint64DataCount() > 0,
                        tensor.getStringDataCount() > 0)
                .filter(there -> there)
                .count();
    }

    static boolean isFloat(TensorProto tensor) {
        return tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber()
                || tensor.getDataType() == TensorProto.DataType.FLOAT16.getNumber()
                || tensor.getDataType() == TensorProto.DataType.BFLOAT16.getNumber()
                || tensor.getDataType() == TensorProto.DataType.DOUBLE.getNumber();
    }

    /** The values of a tensor of a type of which sizes are made; empty for others, and where one is no double. */
    static Optional<List<Double>> numbers(TensorProto tensor) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
        if (type == null) {
            return Optional.empty();
        }
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        List<? extends Number> listed = switch (type) {
            case INT64 -> tensor.getInt64DataList();
            case INT32, BOOL -> tensor.getInt32DataList();
            case FLOAT -> tensor.getFloatDataList();
            case DOUBLE -> tensor.getDoubleDataList();
            default -> List.of();
        };
        List<Double> numbers = new ArrayList<>();
        if (!listed.isEmpty()) {
            for (Number number : listed) {
                if (type == TensorProto.DataType.INT64 && !ExactNumbers.isKnown(number.longValue())) {
                    return Optional.empty();
                }
                numbers.add(type == TensorProto.DataType.BOOL ? truth(number.intValue()) : number.doubleValue());
            }
            return Optional.of(numbers);
        }
        int width = Math.max(1, width(type) / 2);
        while (raw.remaining() >= width) {
            switch (type) {
                case INT64 -> {
                    long number = raw.getLong();
                    if (!ExactNumbers.isKnown(number)) {
                        return Optional.empty();
                    }
                    numbers.add((double) number);
                }
                case INT32 -> numbers.add((double) raw.getInt());
                case BOOL -> numbers.add(truth(raw.get()));
                case FLOAT -> numbers.add((double) raw.getFloat());
                case DOUBLE -> numbers.add(raw.getDouble());
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(numbers);
    }

    private static double truth(int number) {
        return number == 0 ? 0 : 1;
    }
}
