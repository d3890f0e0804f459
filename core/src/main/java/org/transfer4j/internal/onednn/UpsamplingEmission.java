package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.resampling_forward;
import org.transfer4j.internal.onednn.Operation.Upsampling;

/** The nearest pixel, in the layout of the input. */
final class UpsamplingEmission {
    private UpsamplingEmission() {}

    static void emit(Upsampling upsampling, PlanBuilder plan) {
        resampling_forward.primitive_desc description = plan.inTypeOf(
                plan.tensor(upsampling.input()), (layout, type) -> describe(upsampling, plan, layout, type));
        Tensor source = plan.arranged(plan.tensor(upsampling.input()), description.src_desc());
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new resampling_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, plan.view(source), dnnl.DNNL_ARG_DST, plan.view(target)));
        plan.define(upsampling.output(), target);
    }

    private static resampling_forward.primitive_desc describe(
            Upsampling upsampling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        resampling_forward.desc operation = new resampling_forward.desc(
                dnnl.dnnl_forward_inference,
                dnnl.dnnl_resampling_nearest,
                (float[]) null,
                source,
                Layouts.any(plan.dimensions(upsampling.output()), type));
        return new resampling_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }
}
