package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.transfer4j.internal.onednn.Operation.Elementwise;

/** An activation that no primitive before it could take along. */
final class ElementwiseEmission {
    private ElementwiseEmission() {}

    static void emit(Elementwise elementwise, PlanBuilder plan) {
        Tensor source = plan.tensor(elementwise.input());
        Activation activation = elementwise.activation();
        eltwise_forward.desc operation = new eltwise_forward.desc(
                dnnl.dnnl_forward_inference,
                activation.algorithm(),
                source.layout(),
                activation.alpha(),
                activation.beta());
        eltwise_forward.primitive_desc description =
                new eltwise_forward.primitive_desc(operation, Attributes.none(), plan.engine());
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new eltwise_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, plan.view(source), dnnl.DNNL_ARG_DST, plan.view(target)));
        plan.define(elementwise.output(), target);
    }
}
