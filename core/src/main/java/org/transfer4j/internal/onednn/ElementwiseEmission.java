package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.onednn.Operation.Elementwise;

/** An activation that no primitive before it could take along. */
final class ElementwiseEmission {
    private ElementwiseEmission() {}

    static void emit(Elementwise elementwise, PlanBuilder plan) {
        eltwise_forward.primitive_desc description =
                plan.inTypeOf(plan.tensor(elementwise.input()), (layout, type) -> describe(elementwise, plan, layout));
        Tensor source = plan.arranged(plan.tensor(elementwise.input()), description.src_desc());
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new eltwise_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, plan.view(source), dnnl.DNNL_ARG_DST, plan.view(target)));
        plan.define(elementwise.output(), target);
    }

    private static eltwise_forward.primitive_desc describe(
            Elementwise elementwise, PlanBuilder plan, memory.desc source) {
        Activation activation = elementwise.activation();
        eltwise_forward.desc operation = new eltwise_forward.desc(
                dnnl.dnnl_forward_inference, activation.function().oneDnn(), source, (float) activation.alpha(), (float)
                        activation.beta());
        return new eltwise_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }
}
