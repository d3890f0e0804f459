package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.resampling_forward;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;

/** The mean over the channels of a pixel: its gradient is the mean over those of the gradient. */
final class ChannelMeanEmission {
    private ChannelMeanEmission() {}

    static void emit(Operation.ChannelMean mean, PlanBuilder plan) {
        plan.define(mean.output(), mean(plan, plan.tensor(mean.input())));
        plan.backward(mean, gradient -> mean(plan, gradient));
    }

    /** Channels are taken for rows of one channel; one row is repeated as often as there were rows. */
    private static Tensor mean(PlanBuilder plan, Tensor pixel) {
        long images = pixel.dimensions()[0];
        long channels = pixel.dimensions()[1];
        Tensor rows = plan.tape().reshaped(pixel, images, 1, channels, 1);
        memory.data_type type = rows.layout().data_type();
        Tensor one = Emission.mean(plan, rows);
        resampling_forward.primitive_desc repetition = new resampling_forward.primitive_desc(
                new resampling_forward.desc(
                        dnnl.dnnl_forward_inference,
                        dnnl.dnnl_resampling_nearest,
                        (float[]) null,
                        one.layout(),
                        Layouts.any(rows.dimensions(), type)),
                Attributes.none(),
                plan.engine());
        Tensor repeated = Emission.step(plan, repetition, new resampling_forward(repetition), one);
        return plan.tape().reshaped(repeated, images, channels, 1, 1);
    }
}
