package org.transfer4j.onnxruntime;

import onnx.Onnx.TensorProto.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that are the same here, as doubles, and in a tensor of a type. What is not the same, or computed in other steps
 * there, is not known: a model could make a size of the difference.
 */
final class ExactNumbers {
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
