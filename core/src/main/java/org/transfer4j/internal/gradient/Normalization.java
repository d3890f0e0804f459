package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalization over [N, H, W], and ReLU: by the batch's own mean and variance in training, by the running ones
 * elsewhere.
 *
 * @param still whether it is by the running ones in training, too, which then stay as they are
 * @param rectified whether ReLU follows
 */
record Normalization(NormalizationParameters parameters, float epsilon, boolean still, boolean rectified)
        implements Operation {
    @Override
    public boolean learns() {
        return true;
    }

    @Override
    public void close() {
        parameters.close();
    }

    Normalization thenRectified() {
        return new Normalization(parameters, epsilon, still, true);
    }

    /** Flags of a primitive, the same for both passes of a training step. */
    int flags(boolean training) {
        return dnnl.dnnl_use_scaleshift
                | (rectified ? dnnl.dnnl_fuse_norm_relu : 0)
                | (still || !training ? dnnl.dnnl_use_global_stats : 0);
    }

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor input = inputs.get(0);
        int kind = training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference;
        batch_normalization_forward.primitive_desc description = new batch_normalization_forward.primitive_desc(
                new batch_normalization_forward.desc(kind, input.layout(), epsilon, flags(training)),
                Tape.attributes(),
                tape.cpu());
        if (still || !training) {
            tape.beforeForward(parameters::takeRunningStatistics);
        }
        Tensor output = tape.allocate(description.dst_desc());
        Tensor positive = workspace(tape, description, training);
        long channels = parameters.channels();
        Tensor mean = tape.fixed(Layouts.vector(channels), parameters.mean());
        Tensor variance = tape.fixed(Layouts.vector(channels), parameters.variance());
        Tensor scaleAndShift = tape.fixed(Layouts.matrix(2, channels), parameters.scaleAndShift());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(input));
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        arguments.put(dnnl.DNNL_ARG_MEAN, tape.view(mean));
        arguments.put(dnnl.DNNL_ARG_VARIANCE, tape.view(variance));
        arguments.put(dnnl.DNNL_ARG_SCALE_SHIFT, tape.view(scaleAndShift));
        if (positive != null) {
            arguments.put(dnnl.DNNL_ARG_WORKSPACE, tape.view(positive));
        }
        tape.step(description, new batch_normalization_forward(description), arguments);
        return new RecordedNormalization(this, description, input, output, mean, variance, scaleAndShift, positive);
    }

    private static @Nullable Tensor workspace(
            Tape tape, batch_normalization_forward.primitive_desc description, boolean training) {
        memory.desc layout = description.workspace_desc();
        return training && layout.get_size() > 0 ? tape.allocate(layout) : null;
    }
}
