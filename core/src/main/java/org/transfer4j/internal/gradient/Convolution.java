package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution, its bias and ReLU.
 *
 * @param bias [O], or null
 * @param biasGradient where the gradient of the bias goes, or null
 * @param rectified whether ReLU follows
 * @param gradientMasked whether the gradient that comes from above is zero already where ReLU gave zero
 */
record Convolution(
        Window window,
        Filter filter,
        @Nullable INDArray bias,
        @Nullable INDArray biasGradient,
        boolean rectified,
        boolean gradientMasked)
        implements Operation {

    @Override
    public long[] outputs(long[] images) {
        return window.outputs(images, filter.outputs());
    }

    @Override
    public long multiplications(long[] images) {
        long[] outputs = outputs(images);
        return filter.values().length() * outputs[0] * outputs[2] * outputs[3];
    }

    @Override
    public boolean learns() {
        return true;
    }

    Convolution thenRectified() {
        return new Convolution(window, filter, bias, biasGradient, true, false);
    }

    /** With a pooling above that masks the gradient. */
    Convolution thenMasked() {
        return new Convolution(window, filter, bias, biasGradient, rectified, true);
    }

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor input = inputs.get(0);
        ConvolutionShape shape = new ConvolutionShape(input.dimensions(), filter, bias != null, window);
        convolution_forward.primitive_desc description = shape.forward(tape, training, rectified);
        Tensor source = tape.arranged(input, description.src_desc());
        Tensor plainWeights = tape.fixed(filter.layout(), filter.values());
        Tensor arrangedWeights = tape.arranged(plainWeights, description.weights_desc());
        Tensor output = tape.allocate(description.dst_desc());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(source));
        arguments.put(dnnl.DNNL_ARG_WEIGHTS, tape.view(arrangedWeights));
        if (bias != null) {
            arguments.put(dnnl.DNNL_ARG_BIAS, tape.view(tape.fixed(Layouts.vector(bias.length()), bias)));
        }
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        tape.step(description, new convolution_forward(description), arguments);
        return new RecordedConvolution(this, shape, description, source, plainWeights, output);
    }
}
