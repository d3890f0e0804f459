package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights of a convolution and their gradient, where DL4J keeps them, in oneDNN's terms. */
final class Filter {
    private final INDArray values;
    private final INDArray gradient;
    private final long outputs;
    private final long[] dimensions;
    private final long[] strides;

    private Filter(INDArray values, INDArray gradient, long outputs, long[] dimensions, long[] strides) {
        this.values = values;
        this.gradient = gradient;
        this.outputs = outputs;
        this.dimensions = dimensions;
        this.strides = strides;
    }

    /**
     * Every output reads every input.
     *
     * @param values [O, I, H, W], C order
     * @param gradient of the same shape and order
     */
    static Filter full(INDArray values, INDArray gradient) {
        long[] shape = values.shape();
        long[] strides = {shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1};
        return new Filter(values, gradient, shape[0], shape, strides);
    }

    /**
     * Every output reads one input.
     *
     * @param values [H, W, I, M], C order, where M is how many outputs read each input
     * @param gradient of the same shape and order
     */
    static Filter depthwise(INDArray values, INDArray gradient) {
        long[] shape = values.shape();
        long inputs = shape[2];
        long multiplier = shape[3];
        long outputs = inputs * multiplier;
        long[] dimensions = {inputs, multiplier, 1, shape[0], shape[1]};
        long[] strides = {multiplier, 1, multiplier, shape[1] * outputs, outputs};
        return new Filter(values, gradient, outputs, dimensions, strides);
    }

    INDArray values() {
        return values;
    }

    INDArray gradient() {
        return gradient;
    }

    long outputs() {
        return outputs;
    }

    /** [O, I, H, W], or [groups, O / groups, I / groups, H, W]. */
    long[] dimensions() {
        return dimensions.clone();
    }

    /** How DL4J keeps them. */
    memory.desc layout() {
        return new memory.desc(dimensions, memory.data_type.f32, strides);
    }
}
