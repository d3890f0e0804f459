package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of a convolution and their gradient, where DL4J keeps them.
 *
 * @param values a view [O, I / groups, H, W] of DL4J's array
 * @param gradient of the same shape and order
 */
record Filter(INDArray values, INDArray gradient, int groups) {
    long outputs() {
        return values.size(0);
    }

    /** As oneDNN has it: [O, I, H, W], or [groups, O / groups, I / groups, H, W]. */
    long[] dimensions() {
        long[] shape = values.shape();
        return groups == 1 ? shape : new long[] {groups, shape[0] / groups, shape[1], shape[2], shape[3]};
    }

    /** How DL4J keeps them. */
    memory.desc layout() {
        long[] dimensions = dimensions();
        long[] strides = new long[dimensions.length];
        long[] kept = values.stride();
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
