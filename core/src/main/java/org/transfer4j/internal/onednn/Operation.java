package org.transfer4j.internal.onednn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;

/** One step of a program: a pure function of earlier values. */
sealed interface Operation {
    /** What is read, in the order of the arguments. */
    List<Value> inputs();

    /** What is made. */
    Value output();

    /**
     * Convolution, bias, an optional addend of the output's shape, and an activation, in this order.
     *
     * @param addend added before the activation, or null
     */
    record Convolution(
            Value input,
            Filter filter,
            Window window,
            @Nullable Value addend,
            Activation activation,
            Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return addend == null ? List.of(input) : List.of(input, addend);
        }

        /** Whether something can still be put between the convolution and its activation. */
        boolean isBare() {
            return addend == null && activation.isIdentity();
        }
    }

    /** The maximum or mean of each window. */
    record Pooling(Value input, Op.Pooling.Kind kind, Window window, Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(input);
        }
    }

    /** Each channel times its factor plus its summand. */
    record ScaleShift(Value input, ChannelScale scale, Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(input);
        }
    }

    /** An activation of its own. */
    record Elementwise(Value input, Activation activation, Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(input);
        }
    }

    /**
     * Two values, element by element, and an activation. The right one may have one number for each channel in place of
     * an image.
     */
    record Binary(Op.Binary.Kind kind, Value left, Value right, Activation activation, Value output)
            implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(left, right);
        }

        /** Whether it adds two values of one shape. */
        boolean isPlainSum() {
            return kind == Op.Binary.Kind.SUM && left.shape().equals(right.shape());
        }
    }

    /** The channels of all parts, in this order. */
    record Concatenation(List<Value> parts, Value output) implements Operation {
        public Concatenation {
            parts = List.copyOf(parts);
        }

        @Override
        public List<Value> inputs() {
            return parts;
        }
    }

    /**
     * Zeros around an image.
     *
     * @param before rows above and columns to the left
     * @param after rows below and columns to the right
     */
    record Padding(Value input, Extent before, Extent after, Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(input);
        }
    }

    /** Each pixel repeated. */
    record Upsampling(Value input, Value output) implements Operation {
        @Override
        public List<Value> inputs() {
            return List.of(input);
        }
    }
}
