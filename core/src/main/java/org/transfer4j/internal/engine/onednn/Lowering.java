package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.Filter.ChannelScale;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/**
 * Turns the nodes of a network into operations with values of their own. Flattening moves nothing, since features are
 * channels first: a vector that was an image is an image still.
 */
abstract class Lowering implements Op.Visitor<Node, Value> {
    private final Map<String, Value> values = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();

    /**
     * Lowers a network of images that is frozen.
     *
     * @throws UnsupportedGraphException if an op, or a setting of it, is not compiled
     */
    static Program frozen(Network network, Network.Values parameters) {
        return new Frozen(parameters).lower(network, network.output());
    }

    /**
     * Lowers the lower part of a network of images, which is learned.
     *
     * @param last the node whose value is the program's
     * @param batchStatistics whether batch normalization is by the batch's statistics in training
     * @param seed of what dropout drops
     * @throws UnsupportedGraphException if an op, or a setting of it, is not compiled
     */
    static Program learned(
            Network network, String last, OneDnnBody.Parameters parameters, boolean batchStatistics, long seed) {
        return new Learned(parameters, batchStatistics, seed).lower(network, last);
    }

    final Program lower(Network network, String last) {
        Value input = new Value(0, network.inputShape());
        values.put(network.input(), input);
        try {
            for (Node node : network.nodes().values()) {
                values.put(node.name(), node.op().accept(this, node));
                if (node.name().equals(last)) {
                    break;
                }
            }
            return new Program(input, operations, value(last));
        } catch (RuntimeException e) {
            operations.forEach(Operation::close);
            throw e;
        }
    }

    /** Everything times one number, and one number added. */
    abstract Value linear(Value input, double factor, double summand);

    /** Each channel times its number of a parameter. */
    abstract Value timesWeights(Node node, Value input);

    private Value value(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("value " + name + " is read before it is made");
        }
        return value;
    }

    final Value input(Node node) {
        return value(node.inputs().get(0));
    }

    final Value append(Shape shape, Function<Value, Operation> operation) {
        Value output = new Value(operations.size() + 1, shape);
        operations.add(operation.apply(output));
        return output;
    }

    @Override
    public Value pooling(Op.Pooling op, Node node) {
        if (op.window().isDilated()) {
            throw UnsupportedGraphException.of(node, "dilation " + op.window().dilation());
        }
        return append(node.shape(), output -> new Operation.Pooling(input(node), op.kind(), op.window(), output));
    }

    @Override
    public Value globalPooling(Op.GlobalPooling op, Node node) {
        return pooled(input(node), op.maximum() ? Op.Pooling.Kind.MAXIMUM : Op.Pooling.Kind.MEAN_WITHOUT_PADDING);
    }

    @Override
    public Value padding(Op.Padding op, Node node) {
        return append(node.shape(), output -> new Operation.Padding(input(node), op.before(), op.after(), output));
    }

    @Override
    public Value upsampling(Op.Upsampling op, Node node) {
        return append(node.shape(), output -> new Operation.Upsampling(input(node), output));
    }

    @Override
    public Value activate(Op.Activate op, Node node) {
        Value input = input(node);
        Activation activation = op.activation();
        return switch (activation.function()) {
            case IDENTITY -> input;
            case HARD_SIGMOID ->
                elementwise(linear(input, activation.alpha(), activation.beta()), Activation.clip(0, 1));
            case SELU ->
                linear(
                        elementwise(input, new Activation(Activation.Function.ELU, Activation.SELU_ALPHA, 0)),
                        Activation.SELU_SCALE,
                        0);
            case SOFTSIGN -> softsign(input);
            default ->
                elementwise(
                        input,
                        activation
                                .inOneDnn()
                                .orElseThrow(() ->
                                        UnsupportedGraphException.of(node, "activation " + activation.function())));
        };
    }

    /** A number's absolute value is twice what is above zero, without itself. */
    private Value softsign(Value input) {
        Value above = elementwise(input, Activation.of(Activation.Function.RELU));
        Value divisor = binary(Op.Binary.Kind.DIFFERENCE, linear(above, 2, 1), input);
        return binary(Op.Binary.Kind.PRODUCT, input, power(divisor, 1, -1));
    }

    private Value reshaped(Value input, Shape shape) {
        return input.shape().equals(shape) ? input : append(shape, output -> new Operation.Reshape(input, output));
    }

    /** All numbers as channels of one pixel. */
    private Value flat(Value input) {
        return reshaped(input, Shape.of(input.shape().elements(), 1, 1));
    }

    /** What a layer reads, whose channels the layer knows apart: the numbers of a vector. */
    final Value channels(Node node) {
        return node.shape().isVector() ? flat(input(node)) : input(node);
    }

    private Value elementwise(Value input, Activation activation) {
        return append(input.shape(), output -> new Operation.Elementwise(input, activation, output));
    }

    private Value power(Value input, double factor, double exponent) {
        return append(input.shape(), output -> new Operation.Power(input, (float) factor, (float) exponent, output));
    }

    private Value binary(Op.Binary.Kind kind, Value left, Value right) {
        return append(left.shape(), output -> new Operation.Binary(kind, left, right, Activation.IDENTITY, output));
    }

    private Value pooled(Value input, Op.Pooling.Kind kind) {
        Shape pixel = Shape.image(input.shape().channels(), Extent.ONE);
        Window window = Window.whole(input.shape().size());
        return append(pixel, output -> new Operation.Pooling(input, kind, window, output));
    }

    /** One number for each channel is spread over an image. */
    @Override
    public Value binary(Op.Binary op, Node node) {
        Value first = input(node);
        Value second = value(node.inputs().get(1));
        boolean swapped = op.kind() != Op.Binary.Kind.DIFFERENCE && spreads(first.shape(), second.shape());
        Value left = swapped ? second : first;
        Value right = swapped ? first : second;
        if (node.shape().isVector() && !left.shape().equals(right.shape())) {
            return binary(op.kind(), flat(first), flat(second));
        }
        if (!left.shape().equals(right.shape()) && !spreads(right.shape(), left.shape())) {
            throw UnsupportedGraphException.of(
                    node, "joins different shapes, " + left.shape() + " and " + right.shape());
        }
        return binary(op.kind(), left, right);
    }

    private static boolean spreads(Shape small, Shape large) {
        return small.isPixel() && small.channels() == large.channels() && large.elements() > small.elements();
    }

    @Override
    public Value concatenation(Op.Concatenation op, Node node) {
        List<Value> read = node.inputs().stream().map(this::value).toList();
        Extent first = read.get(0).shape().size();
        boolean alike = read.stream().allMatch(part -> part.shape().size().equals(first));
        // of different sizes are vectors alone
        List<Value> parts = alike ? read : read.stream().map(this::flat).toList();
        Extent size = parts.get(0).shape().size();
        long channels =
                parts.stream().mapToLong(part -> part.shape().channels()).sum();
        return parts.size() == 1
                ? parts.get(0)
                : append(Shape.image(channels, size), output -> new Operation.Concatenation(parts, output));
    }

    @Override
    public Value scale(Op.Scale op, Node node) {
        return linear(input(node), op.factor(), 0);
    }

    @Override
    public Value shift(Op.Shift op, Node node) {
        return linear(input(node), 1, op.summand());
    }

    @Override
    public Value reshape(Op.Reshape op, Node node) {
        return op.to().isImage() ? reshaped(input(node), op.to()) : input(node);
    }

    @Override
    public Value dropout(Op.Dropout op, Node node) {
        return input(node);
    }

    @Override
    public Value dense(Op.Dense op, Node node) {
        throw notCompiled(node, "layer");
    }

    /** What is above zero, and what is below it times the slopes: of each channel, of each number, or one of all. */
    @Override
    public Value slopes(Op.Slopes op, Node node) {
        Value read = input(node);
        Shape image = read.shape();
        long count = op.shape().elements();
        Value input;
        if (count == image.channels() && count == op.shape().channels()) {
            input = read;
        } else if (count == image.elements()) {
            input = flat(read);
        } else if (count == 1) {
            input = reshaped(read, Shape.of(1, (long) image.channels() * image.height(), image.width()));
        } else {
            throw UnsupportedGraphException.of(
                    node, "has slopes for " + op.shape() + ", neither for each channel nor for each number");
        }
        Value above = elementwise(input, Activation.of(Activation.Function.RELU));
        Value below = binary(Op.Binary.Kind.DIFFERENCE, input, above);
        return reshaped(binary(Op.Binary.Kind.SUM, above, timesWeights(node, below)), image);
    }

    @Override
    public Value slice(Op.Slice op, Node node) {
        Value input = channels(node);
        Shape shape = Shape.image(op.end() - op.first(), input.shape().size());
        return append(shape, output -> new Operation.Slice(input, op.first(), output));
    }

    /** The squares' sum is their mean times their number; its root has a lower bound. */
    @Override
    public Value unitNorm(Op.UnitNorm op, Node node) {
        Value input = input(node);
        Value squares = binary(Op.Binary.Kind.PRODUCT, input, input);
        Value channels = input.shape().isPixel() ? squares : pooled(squares, Op.Pooling.Kind.MEAN_WITHOUT_PADDING);
        Value mean = append(channels.shape(), output -> new Operation.ChannelMean(channels, output));
        double count = input.shape().elements();
        double least = Math.max(Float.MIN_NORMAL, op.epsilon() * op.epsilon() / count);
        Value bounded = elementwise(mean, Activation.clip(least, Double.POSITIVE_INFINITY));
        Value norm = power(bounded, Math.sqrt(count), 0.5);
        return binary(Op.Binary.Kind.PRODUCT, input, power(norm, 1, -1));
    }

    @Override
    public Value neighbours(Op.Neighbours op, Node node) {
        throw notCompiled(node, "vote");
    }

    @Override
    public Value foreign(Op.Foreign op, Node node) {
        throw op.reason() == null
                ? notCompiled(node, op.part().toString())
                : UnsupportedGraphException.of(node, op.reason());
    }

    @Override
    public Value onnx(Op.Onnx op, Node node) {
        throw UnsupportedGraphException.of(node, "is an ONNX model, which is not compiled");
    }

    static UnsupportedGraphException notCompiled(Node node, String part) {
        return UnsupportedGraphException.of(node, "this kind of " + part + " is not compiled");
    }

    /** Lowers layers that are frozen: weights are copied, batch normalization is a factor and a summand for each channel. */
    private static final class Frozen extends Lowering {
        private final Network.Values parameters;

        private Frozen(Network.Values parameters) {
            this.parameters = parameters;
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

    /** Lowers layers that are learned: they read their parameters, and write their gradients, where these are kept. */
    private static final class Learned extends Lowering {
        private final OneDnnBody.Parameters parameters;
        private final boolean batchStatistics;
        private final long seed;
        private int dropouts;

        private Learned(OneDnnBody.Parameters parameters, boolean batchStatistics, long seed) {
            this.parameters = parameters;
            this.batchStatistics = batchStatistics;
            this.seed = seed;
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
            return append(
                    input.shape(), output -> new Operation.Linear(input, (float) factor, (float) summand, output));
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
            return append(
                    input.shape(), output -> new Operation.LearnedConvolution(input, filter, Window.PIXEL, output));
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
}
