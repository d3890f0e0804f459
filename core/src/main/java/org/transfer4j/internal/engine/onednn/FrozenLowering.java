package org.transfer4j.internal.engine.onednn;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.Filter.ChannelScale;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/** Lowers layers that are frozen: weights are copied, batch normalization is a factor and a summand for each channel. */
final class FrozenLowering extends Lowering {
    private final Network.Values parameters;

    private FrozenLowering(Network.Values parameters) {
        this.parameters = parameters;
    }

    /**
     * Lowers a network of images.
     *
     * @throws UnsupportedGraphException if an op, or a setting of it, is not compiled
     */
    static Program lower(Network network, Network.Values parameters) {
        return new FrozenLowering(parameters).lower(network, network.output());
    }

    @Override
    public Value convolution(Op.Convolution op, Node node) {
        Window window = op.window();
        Filter filter = new Filter(
                op.outputs(),
                op.inputs() / op.groups(),
                op.groups(),
                window.kernel(),
                floats(node, Op.WEIGHTS),
                op.biased() ? floats(node, Op.BIAS) : new float[op.outputs()]);
        return append(node.shape(), output -> new Operation.Convolution(input(node), filter, window, output));
    }

    /** With the statistics of training: a factor and a summand for each channel. */
    @Override
    public Value normalization(Op.Normalization op, Node node) {
        float[] gamma = floats(node, Op.GAMMA);
        float[] beta = floats(node, Op.BETA);
        float[] mean = floats(node, Op.MEAN);
        double[] variance = parameters.of(node, Op.VARIANCE).toDoubleVector();
        float[] scale = new float[op.channels()];
        float[] shift = new float[op.channels()];
        for (int channel = 0; channel < scale.length; channel++) {
            double factor = gamma[channel] / Math.sqrt(variance[channel] + op.epsilon());
            scale[channel] = (float) factor;
            shift[channel] = (float) (beta[channel] - mean[channel] * factor);
        }
        return scaled(channels(node), new ChannelScale(scale, shift));
    }

    private Value scaled(Value input, ChannelScale scale) {
        return append(input.shape(), output -> new Operation.ScaleShift(input, scale, output));
    }

    @Override
    public Value affine(Op.Affine op, Node node) {
        return linear(input(node), floats(node, Op.GAMMA)[0], floats(node, Op.BETA)[0]);
    }

    @Override
    Value linear(Value input, double factor, double summand) {
        return scaled(input, ChannelScale.same(input.shape().channels(), (float) factor, (float) summand));
    }

    @Override
    Value timesWeights(Node node, Value input) {
        return scaled(
                input,
                new ChannelScale(
                        floats(node, Op.WEIGHTS), new float[input.shape().channels()]));
    }

    /** A copy of a parameter's values in C order. */
    private float[] floats(Node node, String parameter) {
        INDArray values = parameters.of(node, parameter);
        if (values.dataType() != DataType.FLOAT) {
            throw UnsupportedGraphException.of(
                    node, "parameter " + parameter + " is " + values.dataType() + ", not FLOAT");
        }
        try (INDArray copy = values.dup('c')) {
            return copy.data().asFloat();
        }
    }
}
