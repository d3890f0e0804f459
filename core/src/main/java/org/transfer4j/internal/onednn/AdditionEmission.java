package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.transfer4j.internal.onednn.Operation.Addition;

/** A sum that no convolution could take along. */
final class AdditionEmission {
    private AdditionEmission() {}

    static void emit(Addition addition, PlanBuilder plan) {
        Tensor left = plan.tensor(addition.left());
        Tensor right = plan.arranged(plan.tensor(addition.right()), left.layout());
        binary.desc operation = new binary.desc(
                dnnl.dnnl_binary_add, left.layout(), right.layout(), Layouts.any(plan.dimensions(addition.output())));
        binary.primitive_desc description =
                new binary.primitive_desc(operation, Attributes.of(false, addition.activation()), plan.engine());
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new binary(description),
                Map.of(
                        dnnl.DNNL_ARG_SRC_0,
                        plan.view(left),
                        dnnl.DNNL_ARG_SRC_1,
                        plan.view(right),
                        dnnl.DNNL_ARG_DST,
                        plan.view(target)));
        plan.define(addition.output(), target);
    }
}
