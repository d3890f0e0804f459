package org.transfer4j.internal.gradient;

import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;

/** The sum of two tensors, in the layout of the first. */
final class Sum {
    private Sum() {}

    static Tensor of(Tape tape, Tensor left, Tensor right) {
        Tensor arranged = tape.arranged(right, left.layout());
        binary.primitive_desc description = new binary.primitive_desc(
                new binary.desc(dnnl.dnnl_binary_add, left.layout(), arranged.layout(), left.layout()),
                Tape.attributes(),
                tape.cpu());
        Tensor sum = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new binary(description),
                Map.of(
                        dnnl.DNNL_ARG_SRC_0,
                        tape.view(left),
                        dnnl.DNNL_ARG_SRC_1,
                        tape.view(arranged),
                        dnnl.DNNL_ARG_DST,
                        tape.view(sum)));
        return sum;
    }
}
