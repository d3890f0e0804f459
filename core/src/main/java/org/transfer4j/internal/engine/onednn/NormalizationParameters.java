package org.transfer4j.internal.engine.onednn;

import java.util.OptionalDouble;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
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
}
