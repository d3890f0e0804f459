package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;

/** A convolution for one batch size, and the primitives for its three passes. */
final class ConvolutionShape {
    private static final int DIRECT = dnnl.dnnl_convolution_direct;

    private final long[] images;
    private final long[] weights;
    private final long[] outputs;
    private final boolean biased;
    private final Window window;

    /**
     * Describes it.
     *
     * @param images [N, I, H, W]
     */
    ConvolutionShape(long[] images, Filter filter, boolean biased, Window window) {
        this.images = images.clone();
        this.weights = filter.dimensions();
        this.outputs = window.outputs(images, filter.outputs());
        this.biased = biased;
        this.window = window;
    }

    convolution_forward.primitive_desc forward(Tape tape, boolean training, boolean rectified) {
        int kind = training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference;
        convolution_forward.desc description = new convolution_forward.desc(
                kind,
                DIRECT,
                Operation.any(tape, images),
                Operation.any(tape, weights),
                bias(),
                Operation.any(tape, outputs),
                window.strides(),
                window.gaps(),
                window.before(images),
                window.after(images));
        return new convolution_forward.primitive_desc(
                description, rectified ? Rectifier.UNBOUNDED.fused() : Tape.attributes(), tape.cpu());
    }

    convolution_backward_data.primitive_desc backwardData(Tape tape, convolution_forward.primitive_desc forward) {
        convolution_backward_data.desc description = new convolution_backward_data.desc(
                DIRECT,
                Operation.any(tape, images),
                Operation.any(tape, weights),
                Operation.any(tape, outputs),
                window.strides(),
                window.gaps(),
                window.before(images),
                window.after(images));
        return new convolution_backward_data.primitive_desc(description, Tape.attributes(), tape.cpu(), forward);
    }

    convolution_backward_weights.primitive_desc backwardWeights(Tape tape, convolution_forward.primitive_desc forward) {
        convolution_backward_weights.desc description = new convolution_backward_weights.desc(
                DIRECT,
                Operation.any(tape, images),
                Layouts.any(weights, memory.data_type.f32),
                bias(),
                Operation.any(tape, outputs),
                window.strides(),
                window.gaps(),
                window.before(images),
                window.after(images));
        return new convolution_backward_weights.primitive_desc(description, Tape.attributes(), tape.cpu(), forward);
    }

    /** An empty description says that there is none. */
    private memory.desc bias() {
        return biased ? Layouts.vector(outputs[1]) : new memory.desc();
    }
}
