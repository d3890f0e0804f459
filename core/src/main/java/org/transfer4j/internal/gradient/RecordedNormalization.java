package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalization on a tape.
 *
 * @param positive where the output was above zero before ReLU, as oneDNN notes it; null without ReLU
 */
record RecordedNormalization(
        Normalization normalization,
        batch_normalization_forward.primitive_desc forward,
        Tensor input,
        Tensor output,
        Tensor mean,
        Tensor variance,
        Tensor scaleAndShift,
        @Nullable Tensor positive)
        implements Operation.Recorded {

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
                Tape.attributes(),
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
