package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.onednn.Operation.Addition;

/** A sum that no convolution could take along. */
final class AdditionEmission {
    private AdditionEmission() {}

    static void emit(Addition addition, PlanBuilder plan) {
        binary.primitive_desc description =
                plan.inTypeOf(plan.tensor(addition.left()), (layout, type) -> describe(addition, plan, layout, type));
        Tensor left = plan.arranged(plan.tensor(addition.left()), description.src_desc(0));
        Tensor right = plan.arranged(plan.tensor(addition.right()), description.src_desc(1));
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

    private static binary.primitive_desc describe(
            Addition addition, PlanBuilder plan, memory.desc summand, memory.data_type type) {
        binary.desc operation = new binary.desc(
                dnnl.dnnl_binary_add, summand, summand, Layouts.any(plan.dimensions(addition.output()), type));
        return new binary.primitive_desc(operation, Attributes.of(false, addition.activation()), plan.engine());
    }
}
