package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution on a tape. */
record RecordedConvolution(
        Convolution convolution,
        ConvolutionShape shape,
        convolution_forward.primitive_desc forward,
        Tensor source,
        Tensor plainWeights,
        Tensor output)
        implements Operation.Recorded {

    @Override
    public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
        Tensor masked = convolution.rectified() && !convolution.gradientMasked()
                ? Rectifier.UNBOUNDED.masked(tape, gradient, output)
                : gradient;
        weightGradients(tape, masked);
        return inputGradientWanted ? List.of(inputGradient(tape, masked)) : List.of();
    }

    private void weightGradients(Tape tape, Tensor gradient) {
        convolution_backward_weights.primitive_desc description = shape.backwardWeights(tape, forward);
        Tensor images = tape.arranged(source, description.src_desc());
        Tensor outputs = tape.arranged(gradient, description.diff_dst_desc());
        Tensor target = tape.fixed(plainWeights.layout(), convolution.filter().gradient());
        boolean same = target.layout().equals(description.diff_weights_desc());
        Tensor weights = same ? target : tape.allocate(description.diff_weights_desc());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(images));
        arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(outputs));
        arguments.put(dnnl.DNNL_ARG_DIFF_WEIGHTS, tape.view(weights));
        INDArray biasGradient = convolution.biasGradient();
        if (biasGradient != null) {
            arguments.put(
                    dnnl.DNNL_ARG_DIFF_BIAS,
                    tape.view(tape.fixed(Layouts.vector(biasGradient.length()), biasGradient)));
        }
        tape.step(description, new convolution_backward_weights(description), arguments);
        if (!same) {
            tape.copy(weights, target);
        }
    }

    private Tensor inputGradient(Tape tape, Tensor gradient) {
        convolution_backward_data.primitive_desc description = shape.backwardData(tape, forward);
        Tensor outputs = tape.arranged(gradient, description.diff_dst_desc());
        Tensor weights = tape.arranged(plainWeights, description.weights_desc());
        Tensor images = tape.allocate(description.diff_src_desc());
        tape.step(
                description,
                new convolution_backward_data(description),
                Map.of(
                        dnnl.DNNL_ARG_DIFF_DST,
                        tape.view(outputs),
                        dnnl.DNNL_ARG_WEIGHTS,
                        tape.view(weights),
                        dnnl.DNNL_ARG_DIFF_SRC,
                        tape.view(images)));
        return images;
    }
}
