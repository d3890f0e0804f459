package org.transfer4j.internal.engine.onednn;

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
    private final LearnedParameters parameters;
    private final INDArray scaleAndShift;
    private final INDArray scaleAndShiftGradient;
    private final INDArray mean;
    private final INDArray variance;

    private NormalizationParameters(
            Op.Normalization op,
            Network.Node node,
            LearnedParameters parameters,
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
    static NormalizationParameters of(Op.Normalization op, Network.Node node, LearnedParameters parameters) {
        return new NormalizationParameters(
                op, node, parameters, pair(node, parameters.values()), pair(node, parameters.gradients()));
    }

    /**
     * Of a node with one scale and one shift for all channels: oneDNN's copies of them, and of their gradients, are kept here.
     */
    static NormalizationParameters repeated(Network.Node node, LearnedParameters parameters) {
        int channels = node.shape().channels();
        return new NormalizationParameters(
                new Op.Normalization(channels, 0, 1), node, parameters, numbers(2L * channels), numbers(2L * channels));
    }

    private static INDArray numbers(long count) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', count);
    }

    private boolean isRepeated() {
        return node.op() instanceof Op.Affine;
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
            half(scaleAndShift, 0).assign(parameters.values().of(node, Op.GAMMA).getFloat(0));
            half(scaleAndShift, 1).assign(parameters.values().of(node, Op.BETA).getFloat(0));
            return;
        }
        mean.assign(parameters.values().of(node, Op.MEAN));
        variance.assign(parameters.values().of(node, Op.VARIANCE));
    }

    /** What is one number for all channels has the sum of their gradients. */
    void keepRepeatedGradients() {
        if (isRepeated()) {
            parameters
                    .gradients()
                    .of(node, Op.GAMMA)
                    .assign(half(scaleAndShiftGradient, 0).sumNumber());
            parameters
                    .gradients()
                    .of(node, Op.BETA)
                    .assign(half(scaleAndShiftGradient, 1).sumNumber());
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
        if (isRepeated()) {
            scaleAndShift.close();
            scaleAndShiftGradient.close();
        }
        mean.close();
        variance.close();
    }
}
