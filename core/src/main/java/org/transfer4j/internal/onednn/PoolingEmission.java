package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onednn.Operation.Pooling;

/** Pooling in the layout of its input. */
final class PoolingEmission {
    private PoolingEmission() {}

    static void emit(Pooling pooling, PlanBuilder plan) {
        pooling_forward.primitive_desc description =
                plan.inTypeOf(plan.tensor(pooling.input()), (layout, type) -> describe(pooling, plan, layout, type));
        Tensor source = plan.arranged(plan.tensor(pooling.input()), description.src_desc());
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new pooling_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, plan.view(source), dnnl.DNNL_ARG_DST, plan.view(target)));
        plan.define(pooling.output(), target);
    }

    private static pooling_forward.primitive_desc describe(
            Pooling pooling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        Window window = pooling.window();
        pooling_forward.desc operation = new pooling_forward.desc(
                dnnl.dnnl_forward_inference,
                algorithm(pooling.kind()),
                source,
                Layouts.any(plan.dimensions(pooling.output()), type),
                window.stride().dimensions(),
                window.kernel().dimensions(),
                window.before().dimensions(),
                window.after().dimensions());
        return new pooling_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }

    private static int algorithm(Op.Pooling.Kind kind) {
        return switch (kind) {
            case MAXIMUM -> dnnl.dnnl_pooling_max;
            case MEAN_WITH_PADDING -> dnnl.dnnl_pooling_avg_include_padding;
            case MEAN_WITHOUT_PADDING -> dnnl.dnnl_pooling_avg_exclude_padding;
        };
    }
}
