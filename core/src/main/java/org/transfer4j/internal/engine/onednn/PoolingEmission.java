package org.transfer4j.internal.engine.onednn;

import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.resampling_backward;
import org.bytedeco.dnnl.resampling_forward;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.engine.onednn.Operation.ChannelMean;
import org.transfer4j.internal.engine.onednn.Operation.Pooling;
import org.transfer4j.internal.engine.onednn.Operation.Upsampling;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;

/** What becomes of windows, images and pixels: maxima and means, and pixels that are repeated. */
final class PoolingEmission {
    private PoolingEmission() {}

    /** Pooling in the layout of its input. */
    static void emit(Pooling pooling, PlanBuilder plan) {
        Tensor read = plan.tensor(pooling.input());
        pooling_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> describe(pooling, plan, layout, type));
        Tensor source = plan.arranged(read, description.src_desc());
        Tensor positions = plan.notes(description.workspace_desc());
        Tensor target = plan.tape()
                .result(description, new pooling_forward(description), Map.of(dnnl.DNNL_ARG_SRC, source), positions);
        plan.define(pooling.output(), target);
        plan.backward(
                pooling, gradient -> inputGradient(pooling, plan, description, gradient, source, target, positions));
    }

    private static pooling_forward.primitive_desc describe(
            Pooling pooling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        Window window = pooling.window();
        pooling_forward.desc operation = new pooling_forward.desc(
                plan.forward(),
                algorithm(pooling.kind()),
                source,
                Descriptions.any(plan.dimensions(pooling.output()), type),
                window.stride().dimensions(),
                window.kernel().dimensions(),
                window.before().dimensions(),
                window.after().dimensions());
        return new pooling_forward.primitive_desc(operation, Descriptions.noAttributes(), plan.engine());
    }

    private static int algorithm(Op.Pooling.Kind kind) {
        return switch (kind) {
            case MAXIMUM -> dnnl.dnnl_pooling_max;
            case MEAN_WITH_PADDING -> dnnl.dnnl_pooling_avg_include_padding;
            case MEAN_WITHOUT_PADDING -> dnnl.dnnl_pooling_avg_exclude_padding;
        };
    }

    private static Tensor inputGradient(
            Pooling pooling,
            PlanBuilder plan,
            pooling_forward.primitive_desc forward,
            Tensor gradient,
            Tensor input,
            Tensor output,
            @Nullable Tensor positions) {
        Window window = pooling.window();
        pooling_backward.primitive_desc description = new pooling_backward.primitive_desc(
                new pooling_backward.desc(
                        algorithm(pooling.kind()),
                        input.layout(),
                        output.layout(),
                        window.stride().dimensions(),
                        window.kernel().dimensions(),
                        window.before().dimensions(),
                        window.after().dimensions()),
                Descriptions.noAttributes(),
                plan.engine(),
                forward);
        Tensor masked = pooling.masksGradient() ? ElementEmission.rectifiedGradient(plan, gradient, output) : gradient;
        Tensor arranged = plan.arranged(masked, description.diff_dst_desc());
        return plan.tape()
                .inputGradient(
                        description,
                        new pooling_backward(description),
                        Map.of(dnnl.DNNL_ARG_DIFF_DST, arranged),
                        positions);
    }

    /** The nearest pixel, in the layout of the input. */
    static void emit(Upsampling upsampling, PlanBuilder plan) {
        Tensor read = plan.tensor(upsampling.input());
        resampling_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> describe(upsampling, plan, layout, type));
        Tensor source = plan.arranged(read, description.src_desc());
        Tensor target = plan.tape().result(description, new resampling_forward(description), source);
        plan.define(upsampling.output(), target);
        plan.backward(upsampling, gradient -> inputGradient(plan, description, gradient, source, target));
    }

    /** The sum of what comes from each copy of a pixel. */
    private static Tensor inputGradient(
            PlanBuilder plan, resampling_forward.primitive_desc forward, Tensor gradient, Tensor input, Tensor output) {
        resampling_backward.primitive_desc description = new resampling_backward.primitive_desc(
                new resampling_backward.desc(dnnl.dnnl_resampling_nearest, input.layout(), output.layout()),
                Descriptions.noAttributes(),
                plan.engine(),
                forward);
        Tensor arranged = plan.arranged(gradient, description.diff_dst_desc());
        return plan.tape()
                .inputGradient(
                        description,
                        new resampling_backward(description),
                        Map.of(dnnl.DNNL_ARG_DIFF_DST, arranged),
                        null);
    }

    private static resampling_forward.primitive_desc describe(
            Upsampling upsampling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        resampling_forward.desc operation = new resampling_forward.desc(
                plan.forward(),
                dnnl.dnnl_resampling_nearest,
                (float[]) null,
                source,
                Descriptions.any(plan.dimensions(upsampling.output()), type));
        return new resampling_forward.primitive_desc(operation, Descriptions.noAttributes(), plan.engine());
    }

    /** The mean of each channel, as an image of one pixel, in the type of the image. */
    static Tensor mean(PlanBuilder plan, Tensor image) {
        long[] dimensions = image.dimensions();
        long[] none = {0, 0};
        pooling_forward.primitive_desc means = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        dnnl.dnnl_forward_inference,
                        dnnl.dnnl_pooling_avg_exclude_padding,
                        image.layout(),
                        Descriptions.any(
                                new long[] {dimensions[0], dimensions[1], 1, 1},
                                image.layout().data_type()),
                        new long[] {1, 1},
                        new long[] {dimensions[2], dimensions[3]},
                        none,
                        none),
                Descriptions.noAttributes(),
                plan.engine());
        return plan.tape().result(means, new pooling_forward(means), image);
    }

    /** The mean over the channels of a pixel: its gradient is the mean over those of the gradient. */
    static void emit(ChannelMean mean, PlanBuilder plan) {
        plan.define(mean.output(), overChannels(plan, plan.tensor(mean.input())));
        plan.backward(mean, gradient -> overChannels(plan, gradient));
    }

    /** Channels are taken for rows of one channel; one row is repeated as often as there were rows. */
    private static Tensor overChannels(PlanBuilder plan, Tensor pixel) {
        long images = pixel.dimensions()[0];
        long channels = pixel.dimensions()[1];
        Tensor rows = plan.tape().reshaped(pixel, images, 1, channels, 1);
        memory.data_type type = rows.layout().data_type();
        Tensor one = mean(plan, rows);
        resampling_forward.primitive_desc repetition = new resampling_forward.primitive_desc(
                new resampling_forward.desc(
                        dnnl.dnnl_forward_inference,
                        dnnl.dnnl_resampling_nearest,
                        (float[]) null,
                        one.layout(),
                        Descriptions.any(rows.dimensions(), type)),
                Descriptions.noAttributes(),
                plan.engine());
        Tensor repeated = plan.tape().result(repetition, new resampling_forward(repetition), one);
        return plan.tape().reshaped(repeated, images, channels, 1, 1);
    }
}
