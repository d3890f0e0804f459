package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weights and biases that are learned, and their gradients: where they are kept, which stays the same.
 *
 * @param weights [O, I / groups, H, W], in C order
 * @param weightsGradient of the same shape and order
 * @param bias [O], or null
 * @param biasGradient of the same shape, or null
 */
record LearnedFilter(
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
        return Layouts.plainWeights(dimensions());
    }
}
