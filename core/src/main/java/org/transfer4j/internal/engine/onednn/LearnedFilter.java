package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weights and biases that are learned, and their gradients: where they are kept, which stays the same.
 *
 * @param weights [O, I / groups, H, W], in any order
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
        long[] dimensions = dimensions();
        long[] strides = new long[dimensions.length];
        long[] kept = weights.stride();
        if (groups > 1) {
            long group = kept[0] * dimensions[1];
            // ND4J's stride of a single one means nothing
            strides = new long[] {group, kept[0], dimensions[2] == 1 ? group : kept[1], kept[2], kept[3]};
        } else {
            long stride = 1;
            for (int i = strides.length - 1; i >= 0; i--) {
                strides[i] = stride;
                stride *= dimensions[i];
            }
        }
        return new memory.desc(dimensions, memory.data_type.f32, strides);
    }
}
