package org.transfer4j.internal.gradient;

import java.util.Map;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** ReLU, whose gradient follows from its output alone, so that its input needs no memory. */
final class Rectifier {
    private static final int FORWARD = dnnl.dnnl_eltwise_relu;
    private static final int BY_OUTPUT = dnnl.dnnl_eltwise_relu_use_dst_for_bwd;

    private Rectifier() {}

    /** Attributes of a primitive that ends with it. */
    static primitive_attr fused() {
        post_ops after = new post_ops();
        after.append_eltwise(1, FORWARD, 0, 0);
        primitive_attr attributes = Tape.attributes();
        attributes.set_post_ops(after);
        return attributes;
    }

    static Tensor apply(Tape tape, Tensor input) {
        eltwise_forward.primitive_desc description = describe(tape, input, FORWARD);
        Tensor output = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new eltwise_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(input), dnnl.DNNL_ARG_DST, tape.view(output)));
        return output;
    }

    /** The gradient where the output is positive, zero elsewhere. */
    static Tensor masked(Tape tape, Tensor gradient, Tensor output) {
        Tensor arranged = tape.arranged(gradient, output.layout());
        eltwise_backward.primitive_desc description = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(BY_OUTPUT, output.layout(), output.layout(), 0, 0),
                Tape.attributes(),
                tape.cpu(),
                describe(tape, output, BY_OUTPUT));
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

    private static eltwise_forward.primitive_desc describe(Tape tape, Tensor tensor, int algorithm) {
        return new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(dnnl.dnnl_forward_training, algorithm, tensor.layout(), 0, 0),
                Tape.attributes(),
                tape.cpu());
    }
}
