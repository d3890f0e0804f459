package org.transfer4j.onnxruntime;

import java.util.List;
import onnx.Onnx.TensorProto.DataType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.NetworkSize;

/**
 * What is known of a tensor before it is computed.
 *
 * @param type of its numbers
 * @param shape null where it depends on what is computed
 * @param most how many numbers it has at most
 * @param numbers themselves, of small tensors from which sizes may be made; null where they are not known, as where there
 *     is NaN or -0.0 among them
 */
record Foreseen(
        DataType type,
        @Nullable List<Long> shape,
        long most,
        @Nullable List<Double> numbers) {
    /** Sizes are made of few numbers. */
    static final int MOST_NUMBERS = 4096;

    /** What a short text takes, such as that of a number. */
    private static final int BYTES_OF_TEXT = 64;

    Foreseen {
        // of the others a model could make a size that is another one in the runtime
        if (numbers != null && !numbers.stream().allMatch(ExactNumbers::isOrdered)) {
            numbers = null;
        }
    }

    static Foreseen of(DataType type, List<Long> shape) {
        return new Foreseen(type, List.copyOf(shape), elements(shape), null);
    }

    static Foreseen of(DataType type, List<Long> shape, List<Double> numbers) {
        return new Foreseen(type, List.copyOf(shape), elements(shape), List.copyOf(numbers));
    }

    /** Of a shape that is not known. */
    static Foreseen upTo(DataType type, long most) {
        return new Foreseen(type, null, most, null);
    }

    /** A list of whole numbers. */
    static Foreseen whole(List<Long> numbers) {
        return of(
                DataType.INT64,
                List.of((long) numbers.size()),
                numbers.stream().map(Long::doubleValue).toList());
    }

    /** The product of sizes, or the largest long where that is smaller. */
    static long elements(List<Long> shape) {
        return NetworkSize.product(shape.stream().mapToLong(Long::longValue).toArray());
    }

    /** The same shape with numbers of another type, which are not known. */
    Foreseen as(DataType other) {
        return new Foreseen(other, shape, most, null);
    }

    /** The same of which the numbers are not known. */
    Foreseen withoutNumbers() {
        return numbers == null ? this : as(type);
    }

    /** How much memory it takes at most. */
    long bytes() {
        return NetworkSize.product(
                most, type == DataType.STRING ? BYTES_OF_TEXT : Math.max(1, Tensors.width(type) / 2));
    }

    boolean isWhole() {
        return switch (type) {
            case FLOAT, FLOAT16, BFLOAT16, DOUBLE -> false;
            default -> true;
        };
    }
}
