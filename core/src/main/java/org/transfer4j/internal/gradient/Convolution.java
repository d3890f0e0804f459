package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

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
    private static final int DIRECT = dnnl.dnnl_convolution_direct;

    @Override
    public boolean learns() {
        return true;
    }

    @Override
    public boolean isNonnegative() {
        return rectified;
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
        long[] images = input.dimensions();
        convolution_forward.primitive_desc description = forward(tape, images, training);
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
        return new OnTape(this, description, source, plainWeights, output);
    }

    private convolution_forward.primitive_desc forward(Tape tape, long[] images, boolean training) {
        convolution_forward.desc description = new convolution_forward.desc(
                training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                DIRECT,
                Operation.any(tape, images),
                Operation.any(tape, filter.dimensions()),
                biasLayout(),
                Operation.any(tape, outputs(images)),
                window.stride().dimensions(),
                gaps(),
                window.before().dimensions(),
                window.after().dimensions());
        return new convolution_forward.primitive_desc(
                description,
                rectified ? Attributes.of(false, Elementwise.RELU.activation()) : Attributes.none(),
                tape.cpu());
    }

    private convolution_backward_data.primitive_desc backwardData(
            Tape tape, long[] images, convolution_forward.primitive_desc forward) {
        convolution_backward_data.desc description = new convolution_backward_data.desc(
                DIRECT,
                Operation.any(tape, images),
                Operation.any(tape, filter.dimensions()),
                Operation.any(tape, outputs(images)),
                window.stride().dimensions(),
                gaps(),
                window.before().dimensions(),
                window.after().dimensions());
        return new convolution_backward_data.primitive_desc(description, Attributes.none(), tape.cpu(), forward);
    }

    private convolution_backward_weights.primitive_desc backwardWeights(
            Tape tape, long[] images, convolution_forward.primitive_desc forward) {
        convolution_backward_weights.desc description = new convolution_backward_weights.desc(
                DIRECT,
                Operation.any(tape, images),
                Layouts.any(filter.dimensions(), memory.data_type.f32),
                biasLayout(),
                Operation.any(tape, outputs(images)),
                window.stride().dimensions(),
                gaps(),
                window.before().dimensions(),
                window.after().dimensions());
        return new convolution_backward_weights.primitive_desc(description, Attributes.none(), tape.cpu(), forward);
    }

    private long[] outputs(long[] images) {
        Extent positions = window.positions(new Extent((int) images[2], (int) images[3]));
        return new long[] {images[0], filter.outputs(), positions.height(), positions.width()};
    }

    /** For oneDNN, where neighbours that touch have the distance 0. */
    private long[] gaps() {
        return new long[] {window.dilation().height() - 1L, window.dilation().width() - 1L};
    }

    /** An empty description says that there is none. */
    private memory.desc biasLayout() {
        return bias == null ? new memory.desc() : Layouts.vector(filter.outputs());
    }

    private record OnTape(
            Convolution convolution,
            convolution_forward.primitive_desc forward,
            Tensor source,
            Tensor plainWeights,
            Tensor output)
            implements Recorded {

        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            Tensor masked = convolution.rectified() && !convolution.gradientMasked()
                    ? Elementwise.RELU.inputGradient(tape, gradient, output, output)
                    : gradient;
            weightGradients(tape, masked);
            return inputGradientWanted ? List.of(inputGradient(tape, masked)) : List.of();
        }

        private void weightGradients(Tape tape, Tensor gradient) {
            convolution_backward_weights.primitive_desc description =
                    convolution.backwardWeights(tape, source.dimensions(), forward);
            Tensor inputs = tape.arranged(source, description.src_desc());
            Tensor outputs = tape.arranged(gradient, description.diff_dst_desc());
            Tensor target =
                    tape.fixed(plainWeights.layout(), convolution.filter().gradient());
            boolean same = target.layout().equals(description.diff_weights_desc());
            Tensor weights = same ? target : tape.allocate(description.diff_weights_desc());
            Map<Integer, memory> arguments = new HashMap<>();
            arguments.put(dnnl.DNNL_ARG_SRC, tape.view(inputs));
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
            convolution_backward_data.primitive_desc description =
                    convolution.backwardData(tape, source.dimensions(), forward);
            Tensor outputs = tape.arranged(gradient, description.diff_dst_desc());
            Tensor weights = tape.arranged(plainWeights, description.weights_desc());
            Tensor target = tape.allocate(description.diff_src_desc());
            tape.step(
                    description,
                    new convolution_backward_data(description),
                    Map.of(
                            dnnl.DNNL_ARG_DIFF_DST,
                            tape.view(outputs),
                            dnnl.DNNL_ARG_WEIGHTS,
                            tape.view(weights),
                            dnnl.DNNL_ARG_DIFF_SRC,
                            tape.view(target)));
            return target;
        }
    }
}
