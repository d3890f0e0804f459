package org.transfer4j.internal.gradient;

import java.util.Map;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * ReLU, whose gradient follows from its output alone, so that its input needs no memory.
 *
 * @param algorithm one of the {@code dnnl_eltwise_} constants
 * @param byOutput the constant of the same function for a gradient that follows from the output
 * @param maximum the highest output, or 0 where there is none
 */
record Rectifier(int algorithm, int byOutput, float maximum) {
    static final Rectifier UNBOUNDED = new Rectifier(dnnl.dnnl_eltwise_relu, dnnl.dnnl_eltwise_relu_use_dst_for_bwd, 0);

    /** With a maximum, at which the gradient is zero, as in DL4J. */
    static Rectifier upTo(double maximum) {
        return new Rectifier(dnnl.dnnl_eltwise_clip_v2, dnnl.dnnl_eltwise_clip_v2_use_dst_for_bwd, (float) maximum);
    }

    boolean isUnbounded() {
        return equals(UNBOUNDED);
    }

    /** Attributes of a primitive that ends with it. */
    primitive_attr fused() {
        post_ops after = new post_ops();
        after.append_eltwise(1, algorithm, 0, maximum);
        primitive_attr attributes = Tape.attributes();
        attributes.set_post_ops(after);
        return attributes;
    }

    Tensor apply(Tape tape, Tensor input) {
        eltwise_forward.primitive_desc description = describe(tape, input, algorithm);
        Tensor output = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new eltwise_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(input), dnnl.DNNL_ARG_DST, tape.view(output)));
        return output;
    }

    /** The gradient where the output is positive, zero elsewhere. */
    Tensor masked(Tape tape, Tensor gradient, Tensor output) {
        Tensor arranged = tape.arranged(gradient, output.layout());
        eltwise_backward.primitive_desc description = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(byOutput, output.layout(), output.layout(), 0, maximum),
                Tape.attributes(),
                tape.cpu(),
                describe(tape, output, byOutput));
        Tensor masked = tape.allocate(description.diff_src_desc());
        tape.step(
                description,
                new eltwise_backward(description),
                Map.of(
                        dnnl.DNNL_ARG_DST,
                        tape.view(output),
                        dnnl.DNNL_ARG_DIFF_DST,
                        tape.view(arranged),
                        dnnl.DNNL_ARG_DIFF_SRC,
                        tape.view(masked)));
        return masked;
    }

    private eltwise_forward.primitive_desc describe(Tape tape, Tensor tensor, int function) {
        return new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(dnnl.dnnl_forward_training, function, tensor.layout(), 0, maximum),
                Tape.attributes(),
                tape.cpu());
    }
}
