package org.transfer4j.internal.engine.onednn;

import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.engine.onednn.Filter.ChannelScale;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/** One step of a program: a pure function of earlier values. */
sealed interface Operation {
    /** The result of an operation, or the program's input: an image, also where it stands for a vector. */
    record Value(int id, Shape shape) {}

    /** What is read, in the order of the arguments. */
    List<Value> inputs();

    /** What is made. */
    Value output();

    /** Whether no number that it makes is below zero. */
    default boolean isNonnegative() {
        return false;
    }

    /** Whether it has parameters that are learned. */
    default boolean learns() {
        return false;
    }

    /** How many numbers it multiplies for one image, as they are written. */
    default long multiplications() {
        return 0;
    }

    /** Records its steps in a plan, and how gradients go back through it. */
    void emit(PlanBuilder plan);

    /** Frees what it owns. */
    default void close() {}

    /** What reads one value. */
    sealed interface OfOne extends Operation {
        Value input();

        @Override
        default List<Value> inputs() {
            return List.of(input());
        }
    }

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
        /** With neither addend nor activation. */
        Convolution(Value input, Filter filter, Window window, Value output) {
            this(input, filter, window, null, Activation.IDENTITY, output);
        }

        @Override
        public List<Value> inputs() {
            return addend == null ? List.of(input) : List.of(input, addend);
        }

        @Override
        public boolean isNonnegative() {
            return activation.isNonnegative();
        }

        @Override
        public long multiplications() {
            return output.shape().elements() * (filter.weights().length / filter.outputs());
        }

        /** The same with another end. */
        Convolution then(@Nullable Value added, Activation last, Value result) {
            return new Convolution(input, filter, window, added, last, result);
        }

        /** Whether something can still be put between the convolution and its activation. */
        boolean isBare() {
            return addend == null && activation.isIdentity();
        }

        @Override
        public void emit(PlanBuilder plan) {
            ConvolutionEmission.emit(this, plan);
        }
    }

    /**
     * A convolution whose weights are learned, its bias and ReLU.
     *
     * @param rectified whether ReLU follows
     * @param gradientMasked whether the gradient that comes from above is zero already where ReLU gave zero
     */
    record LearnedConvolution(
            Value input, Filter.Learned filter, Window window, boolean rectified, boolean gradientMasked, Value output)
            implements OfOne {
        /** Without ReLU. */
        LearnedConvolution(Value input, Filter.Learned filter, Window window, Value output) {
            this(input, filter, window, false, false, output);
        }

        @Override
        public boolean isNonnegative() {
            return rectified;
        }

        @Override
        public boolean learns() {
            return true;
        }

        @Override
        public long multiplications() {
            return output.shape().elements() * (filter.weights().length() / filter.outputs());
        }

        /** With a pooling above that masks the gradient. */
        LearnedConvolution thenMasked() {
            return new LearnedConvolution(input, filter, window, rectified, true, output);
        }

        @Override
        public void emit(PlanBuilder plan) {
            ConvolutionEmission.emit(this, plan);
        }
    }

    /**
     * Batch normalization whose scale and shift are learned, over [N, H, W]: by the batch's own mean and variance in
     * training, by the running ones elsewhere; and ReLU.
     *
     * @param still whether it is by the running ones in training, too, which then stay as they are
     * @param rectified whether ReLU follows
     */
    record LearnedNormalization(
            Value input, NormalizationParameters parameters, boolean still, boolean rectified, Value output)
            implements OfOne {
        @Override
        public boolean isNonnegative() {
            return rectified;
        }

        @Override
        public boolean learns() {
            return true;
        }

        @Override
        public void close() {
            parameters.close();
        }

        @Override
        public void emit(PlanBuilder plan) {
            parameters.emit(this, plan);
        }
    }

    /**
     * The maximum or mean of each window.
     *
     * @param masksGradient whether its gradient is to be that of ReLU right below it, too: a maximum passes ReLU where it is
     *     positive, which takes a look at the outputs here instead of the many more inputs
     */
    record Pooling(Value input, Op.Pooling.Kind kind, Window window, boolean masksGradient, Value output)
            implements OfOne {
        Pooling(Value input, Op.Pooling.Kind kind, Window window, Value output) {
            this(input, kind, window, false, output);
        }

        @Override
        public void emit(PlanBuilder plan) {
            PoolingEmission.emit(this, plan);
        }
    }

    /** Each channel times its factor plus its summand. */
    record ScaleShift(Value input, ChannelScale scale, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            throw new IllegalStateException("has no primitive of its own, fuse the program first: ScaleShift");
        }
    }

    /** Everything times one number, and one number added, in layers that are learned. */
    record Linear(Value input, float factor, float summand, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            ElementEmission.emit(this, plan);
        }
    }

    /** An activation of its own. */
    record Elementwise(Value input, Activation activation, Value output) implements OfOne {
        @Override
        public boolean isNonnegative() {
            return activation.isNonnegative();
        }

        @Override
        public void emit(PlanBuilder plan) {
            ElementEmission.emit(this, plan);
        }
    }

    /**
     * {@code factor * x^exponent} of each number.
     *
     * @param exponent -1 or 1/2: for others oneDNN's kernels call C's {@code powf}, which ended the process
     */
    record Power(Value input, float factor, float exponent, Value output) implements OfOne {
        /** Checks the exponent. */
        public Power {
            if (exponent != -1 && exponent != 0.5f) {
                throw new IllegalArgumentException("an exponent is -1 or 0.5, got " + exponent);
            }
        }

        @Override
        public void emit(PlanBuilder plan) {
            ElementEmission.emit(this, plan);
        }
    }

    /** The mean over all channels of a single pixel, in each of them. */
    record ChannelMean(Value input, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            PoolingEmission.emit(this, plan);
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

        @Override
        public boolean isNonnegative() {
            return activation.isNonnegative();
        }

        /** Whether it adds two values of one shape. */
        boolean isPlainSum() {
            return kind == Op.Binary.Kind.SUM && left.shape().equals(right.shape());
        }

        @Override
        public void emit(PlanBuilder plan) {
            ElementEmission.emit(this, plan);
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

        @Override
        public void emit(PlanBuilder plan) {
            CopyEmission.emit(this, plan);
        }
    }

    /**
     * Zeros around an image.
     *
     * @param before rows above and columns to the left
     * @param after rows below and columns to the right
     */
    record Padding(Value input, Extent before, Extent after, Value output) implements OfOne {
        /** A window with this padding besides its own. */
        Window addedTo(Window window) {
            return window.padded(before, after);
        }

        @Override
        public void emit(PlanBuilder plan) {
            CopyEmission.emit(this, plan);
        }
    }

    /**
     * Numbers that are set to zero at random, in training alone; the others grow by as much.
     *
     * @param masks which ones, given the number of steps that were done before
     * @param channels whether whole channels are set to zero
     */
    record Dropout(Value input, IntFunction<DropoutMask> masks, boolean channels, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            ElementEmission.emit(this, plan);
        }
    }

    /** The same numbers in the same order, in an image of another shape. */
    record Reshape(Value input, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            CopyEmission.emit(this, plan);
        }
    }

    /** Some neighbouring channels. */
    record Slice(Value input, int first, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            CopyEmission.emit(this, plan);
        }
    }

    /** Each pixel repeated. */
    record Upsampling(Value input, Value output) implements OfOne {
        @Override
        public void emit(PlanBuilder plan) {
            PoolingEmission.emit(this, plan);
        }
    }
}
