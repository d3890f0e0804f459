package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.engine.onednn.Operation.LearnedNormalization;

/** Batch normalization that is learned, with ReLU in one primitive, and its backward pass. */
final class NormalizationEmission {
    private final LearnedNormalization normalization;
    private final NormalizationParameters parameters;
    private final PlanBuilder plan;
    private final Tape tape;

    private NormalizationEmission(LearnedNormalization normalization, PlanBuilder plan) {
        this.normalization = normalization;
        this.parameters = normalization.parameters();
        this.plan = plan;
        this.tape = plan.tape();
    }

    static void emit(LearnedNormalization normalization, PlanBuilder plan) {
        new NormalizationEmission(normalization, plan).emit();
    }

    /** Flags of a primitive, the same for both passes of a training step. */
    private int flags() {
        return dnnl.dnnl_use_scaleshift
                | (normalization.rectified() ? dnnl.dnnl_fuse_norm_relu : 0)
                | (isByRunningStatistics() ? dnnl.dnnl_use_global_stats : 0);
    }

    private boolean isByRunningStatistics() {
        return normalization.still() || !plan.isTraining();
    }

    private void emit() {
        Tensor input = plan.tensor(normalization.input());
        batch_normalization_forward.primitive_desc description = new batch_normalization_forward.primitive_desc(
                new batch_normalization_forward.desc(plan.forward(), input.layout(), parameters.epsilon(), flags()),
                Attributes.none(),
                plan.engine());
        tape.beforeForward(step -> parameters.takeScaleAndShift());
        if (isByRunningStatistics()) {
            tape.beforeForward(step -> parameters.takeRunningStatistics());
        }
        Tensor output = tape.allocate(description.dst_desc());
        // where the output was above zero before ReLU
        Tensor positive = plan.notes(description.workspace_desc());
        long channels = parameters.channels();
        Tensor mean = tape.fixed(Layouts.vector(channels), parameters.mean());
        Tensor variance = tape.fixed(Layouts.vector(channels), parameters.variance());
        Tensor scaleAndShift = tape.fixed(Layouts.matrix(2, channels), parameters.scaleAndShift());
        Supplier<Map<Integer, memory>> known = () -> {
            Map<Integer, memory> arguments = new HashMap<>();
            arguments.put(dnnl.DNNL_ARG_SRC, tape.view(input));
            arguments.put(dnnl.DNNL_ARG_MEAN, tape.view(mean));
            arguments.put(dnnl.DNNL_ARG_VARIANCE, tape.view(variance));
            arguments.put(dnnl.DNNL_ARG_SCALE_SHIFT, tape.view(scaleAndShift));
            return arguments;
        };
        Map<Integer, memory> arguments = known.get();
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        tape.step(description, new batch_normalization_forward(description), arguments, positive);
        plan.define(normalization.output(), output);
        plan.backward(
                normalization,
                (gradient, wanted) -> List.of(inputGradient(description, gradient, input, output, known, positive)));
    }

    private Tensor inputGradient(
            batch_normalization_forward.primitive_desc forward,
            Tensor gradient,
            Tensor input,
            Tensor output,
            Supplier<Map<Integer, memory>> known,
            @Nullable Tensor positive) {
        Tensor arranged = plan.arranged(gradient, output.layout());
        batch_normalization_backward.primitive_desc description = new batch_normalization_backward.primitive_desc(
                new batch_normalization_backward.desc(
                        dnnl.dnnl_backward, output.layout(), input.layout(), parameters.epsilon(), flags()),
                Attributes.none(),
                plan.engine(),
                forward);
        Tensor inputGradient = tape.allocate(description.diff_src_desc());
        memory.desc both = Layouts.matrix(2, parameters.channels());
        Tensor scaleAndShiftGradient = tape.gradient(both, both, parameters.scaleAndShiftGradient());
        Map<Integer, memory> arguments = known.get();
        arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(arranged));
        arguments.put(dnnl.DNNL_ARG_DIFF_SRC, tape.view(inputGradient));
        arguments.put(dnnl.DNNL_ARG_DIFF_SCALE_SHIFT, tape.view(scaleAndShiftGradient));
        tape.step(description, new batch_normalization_backward(description), arguments, positive);
        tape.keep(scaleAndShiftGradient, both, parameters.scaleAndShiftGradient());
        tape.afterBackward(parameters::keepGradients);
        if (!normalization.still()) {
            tape.afterBackward(parameters::stepRunningStatistics);
        }
        return inputGradient;
    }
}
