package org.transfer4j.internal.engine.onednn;

import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/** Lowers layers that are learned: they read their parameters, and write their gradients, where these are kept. */
final class LearnedLowering extends Lowering {
    private final OneDnnBody.Parameters parameters;
    private final boolean batchStatistics;
    private final long seed;
    private int dropouts;

    private LearnedLowering(OneDnnBody.Parameters parameters, boolean batchStatistics, long seed) {
        this.parameters = parameters;
        this.batchStatistics = batchStatistics;
        this.seed = seed;
    }

    /**
     * Lowers the lower part of a network of images.
     *
     * @param last the node whose value is the program's
     * @param batchStatistics whether batch normalization is by the batch's statistics in training
     * @param seed of what dropout drops
     * @throws UnsupportedGraphException if an op, or a setting of it, is not compiled
     */
    static Program lower(
            Network network, String last, OneDnnBody.Parameters parameters, boolean batchStatistics, long seed) {
        return new LearnedLowering(parameters, batchStatistics, seed).lower(network, last);
    }

    @Override
    public Value convolution(Op.Convolution op, Node node) {
        Filter.Learned filter = new Filter.Learned(
                parameters.values().of(node, Op.WEIGHTS),
                parameters.gradients().of(node, Op.WEIGHTS),
                op.biased() ? parameters.values().of(node, Op.BIAS) : null,
                op.biased() ? parameters.gradients().of(node, Op.BIAS) : null,
                op.groups());
        return append(
                node.shape(), output -> new Operation.LearnedConvolution(input(node), filter, op.window(), output));
    }

    @Override
    public Value normalization(Op.Normalization op, Node node) {
        NormalizationParameters kept = NormalizationParameters.of(op, node, parameters);
        Value input = channels(node);
        return append(
                input.shape(),
                output -> new Operation.LearnedNormalization(input, kept, !batchStatistics, false, output));
    }

    /** A normalization of mean 0 and variance 1, all of whose channels have one scale and shift. */
    @Override
    public Value affine(Op.Affine op, Node node) {
        NormalizationParameters repeated = NormalizationParameters.repeated(node, parameters);
        Value input = input(node);
        return append(
                input.shape(), output -> new Operation.LearnedNormalization(input, repeated, true, false, output));
    }

    @Override
    Value linear(Value input, double factor, double summand) {
        return append(input.shape(), output -> new Operation.Linear(input, (float) factor, (float) summand, output));
    }

    /** A convolution of each channel with one weight. */
    @Override
    Value timesWeights(Node node, Value input) {
        int channels = input.shape().channels();
        Filter.Learned filter = new Filter.Learned(
                parameters.values().of(node, Op.WEIGHTS).reshape(channels, 1, 1, 1),
                parameters.gradients().of(node, Op.WEIGHTS).reshape(channels, 1, 1, 1),
                null,
                null,
                channels);
        return append(input.shape(), output -> new Operation.LearnedConvolution(input, filter, Window.PIXEL, output));
    }

    @Override
    public Value dropout(Op.Dropout op, Node node) {
        Value input = input(node);
        if (op.rate() == 0) {
            return input;
        }
        dropouts++;
        // dense layers count theirs from 0 on
        int number = -dropouts;
        return append(
                input.shape(),
                output -> new Operation.Dropout(
                        input, step -> new DropoutMask(seed, step, number, 1 - op.rate()), op.channels(), output));
    }
}
