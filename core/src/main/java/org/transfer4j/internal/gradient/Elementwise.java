package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/** A function of each number, one of oneDNN's. */
record Elementwise(Activation activation) implements Operation {
    /** ReLU that other primitives can take along. */
    static final Elementwise RELU = new Elementwise(Activation.of(Activation.Function.RELU));

    @Override
    public boolean isNonnegative() {
        return activation.isNonnegative();
    }

    /**
     * The constant of the same function for a gradient that follows from the output alone, so that the input needs no
     * memory; 0 where there is none.
     */
    private int byOutput() {
        return switch (activation.function()) {
            case RELU -> activation.alpha() == 0 ? dnnl.dnnl_eltwise_relu_use_dst_for_bwd : 0;
            // zero at the limits, as in DL4J
            case CLIP -> dnnl.dnnl_eltwise_clip_v2_use_dst_for_bwd;
            case SIGMOID -> dnnl.dnnl_eltwise_logistic_use_dst_for_bwd;
            case TANH -> dnnl.dnnl_eltwise_tanh_use_dst_for_bwd;
            default -> 0;
        };
    }

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor input = inputs.get(0);
        eltwise_forward.primitive_desc description =
                describe(tape, input.layout(), activation.function().oneDnn());
        Tensor output = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new eltwise_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(input), dnnl.DNNL_ARG_DST, tape.view(output)));
        return new OnTape(this, input, output);
    }

    private eltwise_forward.primitive_desc describe(Tape tape, memory.desc layout, int algorithm) {
        return new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(
                        dnnl.dnnl_forward_training, algorithm, layout, (float) activation.alpha(), (float)
                                activation.beta()),
                Attributes.none(),
                tape.cpu());
    }

    /** The gradient of the input, from the output where that says enough. */
    Tensor inputGradient(Tape tape, Tensor gradient, Tensor input, Tensor output) {
        boolean byOutput = byOutput() != 0;
        Tensor known = byOutput ? output : input;
        int algorithm = byOutput ? byOutput() : activation.function().oneDnn();
        Tensor arranged = tape.arranged(gradient, known.layout());
        eltwise_backward.primitive_desc description = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(algorithm, known.layout(), known.layout(), (float) activation.alpha(), (float)
                        activation.beta()),
                Attributes.none(),
                tape.cpu(),
                describe(tape, known.layout(), algorithm));
        Tensor inputGradient = tape.allocate(description.diff_src_desc());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(byOutput ? dnnl.DNNL_ARG_DST : dnnl.DNNL_ARG_SRC, tape.view(known));
        arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(arranged));
        arguments.put(dnnl.DNNL_ARG_DIFF_SRC, tape.view(inputGradient));
        tape.step(description, new eltwise_backward(description), arguments);
        return inputGradient;
    }

    private record OnTape(Elementwise function, Tensor input, Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            return inputGradientWanted ? List.of(function.inputGradient(tape, gradient, input, output)) : List.of();
        }
    }
}
