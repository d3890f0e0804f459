package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.engine.onednn.Operation.LearnedNormalization;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;

/** Parameters of a batch normalization that is learned, and the statistics that oneDNN reads and writes. */
final class NormalizationParameters {
    private final Op.Normalization op;
    private final Network.Node node;
    private final OneDnnBody.Parameters parameters;
    private final INDArray scaleAndShift;
    private final INDArray scaleAndShiftGradient;
    private final INDArray mean;
    private final INDArray variance;

    private NormalizationParameters(
            Op.Normalization op,
            Network.Node node,
            OneDnnBody.Parameters parameters,
            INDArray scaleAndShift,
            INDArray scaleAndShiftGradient) {
        this.op = op;
        this.node = node;
        this.parameters = parameters;
        this.scaleAndShift = scaleAndShift;
        this.scaleAndShiftGradient = scaleAndShiftGradient;
        mean = numbers(op.channels());
        variance = numbers(op.channels());
    }

    /**
     * The parameters of a node.
     *
     * @throws UnsupportedGraphException where the shift is not right behind the scale, as oneDNN wants it
     */
    static NormalizationParameters of(Op.Normalization op, Network.Node node, OneDnnBody.Parameters parameters) {
        return op.fixed() == null
                ? new NormalizationParameters(
                        op, node, parameters, pair(node, parameters.values()), pair(node, parameters.gradients()))
                : copied(op, node, parameters);
    }

    /** Of a node with one scale and one shift for all channels. */
    static NormalizationParameters repeated(Network.Node node, OneDnnBody.Parameters parameters) {
        return copied(new Op.Normalization(node.shape().channels(), 0, 1), node, parameters);
    }

    /** With oneDNN's copies of scale and shift, and of their gradients, which are kept here: they are not beside each other. */
    private static NormalizationParameters copied(
            Op.Normalization op, Network.Node node, OneDnnBody.Parameters parameters) {
        return new NormalizationParameters(
                op, node, parameters, numbers(2L * op.channels()), numbers(2L * op.channels()));
    }

    private static INDArray numbers(long count) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', count);
    }

    private boolean isRepeated() {
        return node.op() instanceof Op.Affine;
    }

    private boolean isCopied() {
        return isRepeated() || op.fixed() != null;
    }

    private static INDArray pair(Network.Node node, Network.Values values) {
        INDArray scale = values.of(node, Op.GAMMA);
        long distance = values.of(node, Op.BETA).data().addressPointer().address()
                - scale.data().addressPointer().address();
        if (distance != scale.length() * Float.BYTES) {
            throw UnsupportedGraphException.of(node, "does not learn its scale and shift");
        }
        return scale;
    }

    /** Records a normalization by them. */
    void emit(LearnedNormalization normalization, PlanBuilder plan) {
        new Emission(normalization, plan).emit();
    }

    /** Above zero, which changes no variance: oneDNN divides the channels by which it fills blocks up, all zeros, too. */
    float epsilon() {
        return Math.max((float) op.epsilon(), Float.MIN_NORMAL);
    }

    long channels() {
        return mean.length();
    }

    /** The first of scale and shift, with the second behind it. */
    INDArray scaleAndShift() {
        return scaleAndShift;
    }

    INDArray scaleAndShiftGradient() {
        return scaleAndShiftGradient;
    }

    /** The batch's mean in training, unless that is still; the running one elsewhere. */
    INDArray mean() {
        return mean;
    }

    /** The batch's variance in training, unless that is still; the running one elsewhere. */
    INDArray variance() {
        return variance;
    }

    void takeRunningStatistics() {
        if (isRepeated()) {
            mean.assign(0);
            variance.assign(1);
        } else {
            mean.assign(parameters.values().of(node, Op.MEAN));
            variance.assign(parameters.values().of(node, Op.VARIANCE));
        }
    }

    /** Brings scale and shift to where oneDNN reads them. */
    void takeScaleAndShift() {
        if (isCopied()) {
            take(Op.GAMMA, 0);
            take(Op.BETA, 1);
        }
    }

    private void take(String parameter, int which) {
        INDArray copy = half(scaleAndShift, which);
        OptionalDouble fixed = op.fixed(parameter);
        if (fixed.isPresent()) {
            copy.assign(fixed.getAsDouble());
        } else if (isRepeated()) {
            copy.assign(parameters.values().of(node, parameter).getFloat(0));
        } else {
            copy.assign(parameters.values().of(node, parameter));
        }
    }

    /** Brings the gradients of scale and shift to where they are looked for. */
    void keepGradients() {
        if (isCopied()) {
            keep(Op.GAMMA, 0);
            keep(Op.BETA, 1);
        }
    }

    /** What is one number for all channels has the sum of their gradients; what is fixed has none. */
    private void keep(String parameter, int which) {
        INDArray gradient = half(scaleAndShiftGradient, which);
        if (isRepeated()) {
            parameters.gradients().of(node, parameter).assign(gradient.sumNumber());
        } else if (op.fixed(parameter).isEmpty()) {
            parameters.gradients().of(node, parameter).assign(gradient);
        }
    }

    /** All scales, or all shifts. */
    private INDArray half(INDArray both, long which) {
        return both.get(NDArrayIndex.interval(which * channels(), (which + 1) * channels()));
    }

    /** Lets the running statistics go (1 - momentum) of the way to the batch's. */
    void stepRunningStatistics() {
        step(parameters.values().of(node, Op.MEAN), mean);
        step(parameters.values().of(node, Op.VARIANCE), variance);
    }

    private void step(INDArray running, INDArray ofBatch) {
        try (INDArray way = running.sub(ofBatch)) {
            running.subi(way.muli(1 - op.momentum()));
        }
    }

    void close() {
        if (isCopied()) {
            scaleAndShift.close();
            scaleAndShiftGradient.close();
        }
        mean.close();
        variance.close();
    }

    /** Batch normalization that is learned, with ReLU in one primitive, and its backward pass. */
    private static final class Emission {
        private final LearnedNormalization normalization;
        private final NormalizationParameters parameters;
        private final PlanBuilder plan;
        private final Tape tape;

        private Emission(LearnedNormalization normalization, PlanBuilder plan) {
            this.normalization = normalization;
            this.parameters = normalization.parameters();
            this.plan = plan;
            this.tape = plan.tape();
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
                    Descriptions.noAttributes(),
                    plan.engine());
            tape.beforeForward(step -> parameters.takeScaleAndShift());
            if (isByRunningStatistics()) {
                tape.beforeForward(step -> parameters.takeRunningStatistics());
            }
            // where the output was above zero before ReLU
            Tensor positive = plan.notes(description.workspace_desc());
            long channels = parameters.channels();
            Map<Integer, Tensor> read = Map.of(
                    dnnl.DNNL_ARG_SRC,
                    input,
                    dnnl.DNNL_ARG_MEAN,
                    tape.fixed(Descriptions.vector(channels), parameters.mean()),
                    dnnl.DNNL_ARG_VARIANCE,
                    tape.fixed(Descriptions.vector(channels), parameters.variance()),
                    dnnl.DNNL_ARG_SCALE_SHIFT,
                    tape.fixed(Descriptions.matrix(2, channels), parameters.scaleAndShift()));
            Tensor output = tape.result(description, new batch_normalization_forward(description), read, positive);
            plan.define(normalization.output(), output);
            plan.backward(
                    normalization,
                    (gradient, wanted) -> List.of(inputGradient(description, gradient, input, output, read, positive)));
        }

        private Tensor inputGradient(
                batch_normalization_forward.primitive_desc forward,
                Tensor gradient,
                Tensor input,
                Tensor output,
                Map<Integer, Tensor> read,
                @Nullable Tensor positive) {
            Tensor arranged = plan.arranged(gradient, output.layout());
            batch_normalization_backward.primitive_desc description = new batch_normalization_backward.primitive_desc(
                    new batch_normalization_backward.desc(
                            dnnl.dnnl_backward, output.layout(), input.layout(), parameters.epsilon(), flags()),
                    Descriptions.noAttributes(),
                    plan.engine(),
                    forward);
            memory.desc both = Descriptions.matrix(2, parameters.channels());
            Tensor scaleAndShiftGradient = tape.gradient(both, both, parameters.scaleAndShiftGradient());
            Map<Integer, Tensor> arguments = new HashMap<>(read);
            arguments.put(dnnl.DNNL_ARG_DIFF_DST, arranged);
            arguments.put(dnnl.DNNL_ARG_DIFF_SCALE_SHIFT, scaleAndShiftGradient);
            Tensor inputGradient =
                    tape.inputGradient(description, new batch_normalization_backward(description), arguments, positive);
            tape.keep(scaleAndShiftGradient, both, parameters.scaleAndShiftGradient());
            tape.afterBackward(parameters::keepGradients);
            if (!normalization.still()) {
                tape.afterBackward(parameters::stepRunningStatistics);
            }
            return inputGradient;
        }
    }
}
