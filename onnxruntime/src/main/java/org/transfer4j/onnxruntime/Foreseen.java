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

    /**
     * Numbers that are the same here, as doubles, and in a tensor of a type. What is not the same, or computed in other steps
     * there, is not known: a model could make a size of the difference.
     */
    static final class ExactNumbers {
        /** Up to this whole numbers are doubles, and no other number becomes one of them. */
        private static final double MOST_WHOLE = 0x1p53 - 1;

        /** Up to this all whole numbers are floats. */
        static final double MOST_WHOLE_FLOAT = 1 << 24;

        /** Up to this all whole numbers are of half precision, of either kind. */
        private static final double MOST_WHOLE_HALF = 1 << 8;

        private ExactNumbers() {}

        /** Whether a whole number is a double, or one of the ends of 64 bits, which as the end of a slice say "all". */
        static boolean isKnown(long number) {
            return Math.abs((double) number) <= MOST_WHOLE || number == Long.MAX_VALUE || number <= -Long.MAX_VALUE;
        }

        /** Whether one can be computed with, or compared: the ends of 64 bits are others here. */
        static boolean isComputable(double number) {
            return Math.abs(number) <= MOST_WHOLE || Double.isInfinite(number);
        }

        static boolean isWhole(double number) {
            return Math.rint(number) == number && Math.abs(number) <= MOST_WHOLE;
        }

        /**
         * Whether the larger of it and of any other is the same everywhere: of no number, and of the two zeros, processors and
         * the runtime's kernels for few and for many numbers take different ones.
         */
        static boolean isOrdered(double number) {
            return !Double.isNaN(number) && Double.doubleToRawLongBits(number) != Double.doubleToRawLongBits(-0.0);
        }

        private static @Nullable Double ordered(double number) {
            return isOrdered(number) ? number : null;
        }

        /** A result as a type has it, or null where that is not sure. */
        static @Nullable Double of(DataType type, double result) {
            return switch (type) {
                case DOUBLE -> ordered(result);
                case FLOAT -> ordered((float) result);
                case BOOL -> Double.isNaN(result) ? null : result != 0 ? (Double) 1.0 : (Double) 0.0;
                case INT64 -> within(result, -MOST_WHOLE, MOST_WHOLE);
                case UINT64 -> within(result, 0, MOST_WHOLE);
                case INT32 -> within(result, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case UINT32 -> within(result, 0, 0xFFFFFFFFL);
                case INT16 -> within(result, Short.MIN_VALUE, Short.MAX_VALUE);
                case UINT16 -> within(result, 0, 0xFFFF);
                case INT8 -> within(result, Byte.MIN_VALUE, Byte.MAX_VALUE);
                case UINT8 -> within(result, 0, 0xFF);
                case FLOAT16, BFLOAT16 -> isOrdered(result) ? within(result, -MOST_WHOLE_HALF, MOST_WHOLE_HALF) : null;
                default -> null;
            };
        }

        private static @Nullable Double within(double number, double least, double most) {
            if (!isWhole(number) || number < least || number > most) {
                return null;
            }
            // of whole numbers there is one 0
            return number + 0.0;
        }
    }
}
