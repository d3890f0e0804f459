package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

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

    @Override
    public boolean isNonnegative() {
        return rectified;
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
                Attributes.none(),
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
        return new OnTape(this, description, input, output, mean, variance, scaleAndShift, positive);
    }

    private static @Nullable Tensor workspace(
            Tape tape, batch_normalization_forward.primitive_desc description, boolean training) {
        memory.desc layout = description.workspace_desc();
        return training && layout.get_size() > 0 ? tape.allocate(layout) : null;
    }

    /**
     * Batch normalization on a tape.
     *
     * @param positive where the output was above zero before ReLU, as oneDNN notes it; null without ReLU
     */
    private record OnTape(
            Normalization normalization,
            batch_normalization_forward.primitive_desc forward,
            Tensor input,
            Tensor output,
            Tensor mean,
            Tensor variance,
            Tensor scaleAndShift,
            @Nullable Tensor positive)
            implements Recorded {

        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            NormalizationParameters parameters = normalization.parameters();
            Tensor arranged = tape.arranged(gradient, output.layout());
            batch_normalization_backward.primitive_desc description = new batch_normalization_backward.primitive_desc(
                    new batch_normalization_backward.desc(
                            dnnl.dnnl_backward,
                            output.layout(),
                            input.layout(),
                            normalization.epsilon(),
                            normalization.flags(true)),
                    Attributes.none(),
                    tape.cpu(),
                    forward);
            Tensor inputGradient = tape.allocate(description.diff_src_desc());
            Tensor scaleAndShiftGradient =
                    tape.fixed(Layouts.matrix(2, parameters.channels()), parameters.scaleAndShiftGradient());
            Map<Integer, memory> arguments = new HashMap<>();
            arguments.put(dnnl.DNNL_ARG_SRC, tape.view(input));
            arguments.put(dnnl.DNNL_ARG_MEAN, tape.view(mean));
            arguments.put(dnnl.DNNL_ARG_VARIANCE, tape.view(variance));
            arguments.put(dnnl.DNNL_ARG_SCALE_SHIFT, tape.view(scaleAndShift));
            arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(arranged));
            arguments.put(dnnl.DNNL_ARG_DIFF_SRC, tape.view(inputGradient));
            arguments.put(dnnl.DNNL_ARG_DIFF_SCALE_SHIFT, tape.view(scaleAndShiftGradient));
            if (positive != null) {
                arguments.put(dnnl.DNNL_ARG_WORKSPACE, tape.view(positive));
            }
            tape.step(description, new batch_normalization_backward(description), arguments);
            if (!normalization.still()) {
                tape.afterBackward(parameters::stepRunningStatistics);
            }
            return List.of(inputGradient);
        }
    }
}
