package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Extent;

/**
 * The weights of a convolution, copied from the graph.
 *
 * @param weights [outputs, inputsPerGroup, height, width]; not copied, and only read
 * @param bias one for each output; not copied, and only read
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Filter(int outputs, int inputsPerGroup, int groups, Extent kernel, float[] weights, float[] bias) {
    /** Checks the sizes. */
    Filter {
        long expected = (long) outputs * inputsPerGroup * kernel.height() * kernel.width();
        if (weights.length != expected || bias.length != outputs || outputs % groups != 0) {
            throw new IllegalArgumentException("a filter needs " + expected + " weights and " + outputs + " biases in "
                    + groups + " groups: " + weights.length + ", " + bias.length);
        }
    }

    /** Each channel on its own, one pixel at a time. */
    static Filter pointwise(ChannelScale scale) {
        int channels = scale.factors().length;
        float[] weights = new float[channels];
        Arrays.fill(weights, 1);
        return new Filter(channels, 1, channels, Extent.ONE, weights, new float[channels]).scaled(scale);
    }

    /** Each channel on its own, moved: the kernel is 1 at one place and 0 elsewhere. */
    static Filter shift(int channels, Extent kernel, Extent one) {
        int block = kernel.height() * kernel.width();
        float[] weights = new float[channels * block];
        for (int channel = 0; channel < channels; channel++) {
            weights[channel * block + one.height() * kernel.width() + one.width()] = 1;
        }
        return new Filter(channels, 1, channels, kernel, weights, new float[channels]);
    }

    /** The filter whose outputs are these outputs, scaled. */
    Filter scaled(ChannelScale scale) {
        float[] scaledWeights = new float[weights.length];
        float[] scaledBias = new float[bias.length];
        int block = weights.length / outputs;
        for (int output = 0; output < outputs; output++) {
            for (int i = output * block; i < (output + 1) * block; i++) {
                scaledWeights[i] = weights[i] * scale.factors()[output];
            }
            scaledBias[output] = (float) ((double) bias[output] * scale.factors()[output] + scale.summands()[output]);
        }
        return new Filter(outputs, inputsPerGroup, groups, kernel, scaledWeights, scaledBias);
    }

    /** [O, I, H, W], or [G, O/G, I/G, H, W] where there are groups, as oneDNN has it. */
    long[] dimensions() {
        return groups == 1
                ? new long[] {outputs, inputsPerGroup, kernel.height(), kernel.width()}
                : new long[] {groups, outputs / groups, inputsPerGroup, kernel.height(), kernel.width()};
    }

    /** A factor and a summand for each channel. The arrays are not copied. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record ChannelScale(float[] factors, float[] summands) {
        ChannelScale {
            if (factors.length != summands.length) {
                throw new IllegalArgumentException(
                        "as many factors as summands are needed: " + factors.length + ", " + summands.length);
            }
        }

        static ChannelScale same(int channels, float factor, float summand) {
            float[] factors = new float[channels];
            float[] summands = new float[channels];
            Arrays.fill(factors, factor);
            Arrays.fill(summands, summand);
            return new ChannelScale(factors, summands);
        }
    }

    /**
     * Weights and biases that are learned, and their gradients: where they are kept, which stays the same.
     *
     * @param weights [O, I / groups, H, W], in C order
     * @param weightsGradient of the same shape and order
     * @param bias [O], or null
     * @param biasGradient of the same shape, or null
     */
    record Learned(
            INDArray weights,
            INDArray weightsGradient,
            @Nullable INDArray bias,
            @Nullable INDArray biasGradient,
            int groups) {
        long outputs() {
            return weights.size(0);
        }

        /** As oneDNN has it: [O, I, H, W], or [groups, O / groups, I / groups, H, W]. */
        long[] dimensions() {
            long[] shape = weights.shape();
            return groups == 1 ? shape : new long[] {groups, shape[0] / groups, shape[1], shape[2], shape[3]};
        }

        /** How they are kept. */
        memory.desc layout() {
            return Descriptions.plainWeights(dimensions());
        }
    }
}
