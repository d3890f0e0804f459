package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Activation;
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
final class Lowering implements Op.Visitor<Node, Value> {
    private final Network.Values<INDArray> parameters;
    private final Map<String, Value> values = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();

    private Lowering(Network.Values<INDArray> parameters) {
        this.parameters = parameters;
    }

    /**
     * Lowers a network of images.
     *
     * @throws UnsupportedGraphException if an op, or a setting of it, is not compiled
     */
    static Program lower(Network network, Network.Values<INDArray> parameters) {
        Lowering lowering = new Lowering(parameters);
        Value input = new Value(0, network.inputShape());
        lowering.values.put(network.input(), input);
        for (Node node : network.nodes().values()) {
            lowering.values.put(node.name(), node.op().accept(lowering, node));
        }
        return new Program(input, lowering.operations, lowering.value(network.output()));
    }

    private Value value(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("value " + name + " is read before it is made");
        }
        return value;
    }

    private Value input(Node node) {
        return value(node.inputs().get(0));
    }

    private Value append(Shape shape, Function<Value, Operation> operation) {
        Value output = new Value(operations.size() + 1, shape);
        operations.add(operation.apply(output));
        return output;
    }

    @Override
    public Value convolution(Op.Convolution op, Node node) {
        Window window = op.window();
        if (window.isDilated()) {
            Extent dilation = window.dilation();
            throw UnsupportedGraphException.of(node, "dilation " + dilation.height() + "x" + dilation.width());
        }
        Filter filter = new Filter(
                op.outputs(),
                op.inputs() / op.groups(),
                op.groups(),
                window.kernel(),
                floats(node, Op.WEIGHTS),
                op.biased() ? floats(node, Op.BIAS) : new float[op.outputs()]);
        return append(
                node.shape(),
                output -> new Operation.Convolution(input(node), filter, window, null, Activation.IDENTITY, output));
    }

    /** With the statistics of training: a factor and a summand for each channel. */
    @Override
    public Value normalization(Op.Normalization op, Node node) {
        if (!node.shape().isImage()) {
            throw UnsupportedGraphException.of(node, "needs an image, its input is flat");
        }
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
        return scaled(input(node), new ChannelScale(scale, shift));
    }

    private Value scaled(Value input, ChannelScale scale) {
        return append(input.shape(), output -> new Operation.ScaleShift(input, scale, output));
    }

    @Override
    public Value pooling(Op.Pooling op, Node node) {
        if (op.window().isDilated()) {
            Extent dilation = op.window().dilation();
            throw UnsupportedGraphException.of(node, "dilation " + dilation.height() + "x" + dilation.width());
        }
        return append(node.shape(), output -> new Operation.Pooling(input(node), op.kind(), op.window(), output));
    }

    @Override
    public Value globalPooling(Op.GlobalPooling op, Node node) {
        Value input = input(node);
        Op.Pooling.Kind kind = op.maximum() ? Op.Pooling.Kind.MAXIMUM : Op.Pooling.Kind.MEAN_WITHOUT_PADDING;
        Window window = Window.whole(input.shape().size());
        return append(node.shape(), output -> new Operation.Pooling(input, kind, window, output));
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
        if (activation.isIdentity()) {
            return input;
        }
        if (activation.function() == Activation.Function.HARD_SIGMOID) {
            int channels = input.shape().channels();
            Value line =
                    scaled(input, ChannelScale.same(channels, (float) activation.alpha(), (float) activation.beta()));
            return append(line.shape(), output -> new Operation.Elementwise(line, Activation.clip(0, 1), output));
        }
        Activation function = activation
                .inOneDnn()
                .orElseThrow(() -> UnsupportedGraphException.of(node, "activation " + activation.function()));
        return append(input.shape(), output -> new Operation.Elementwise(input, function, output));
    }

    /** One number for each channel is spread over an image. */
    @Override
    public Value binary(Op.Binary op, Node node) {
        if (op.kind() == Op.Binary.Kind.DIFFERENCE || op.kind() == Op.Binary.Kind.MAXIMUM) {
            boolean maximum = op.kind() == Op.Binary.Kind.MAXIMUM;
            throw UnsupportedGraphException.of(node, "operation " + (maximum ? "Max" : "Subtract"));
        }
        Value first = input(node);
        Value second = value(node.inputs().get(1));
        boolean swapped = spreads(first.shape(), second.shape());
        Value left = swapped ? second : first;
        Value right = swapped ? first : second;
        if (!left.shape().equals(right.shape()) && !spreads(right.shape(), left.shape())) {
            throw UnsupportedGraphException.of(
                    node, "joins different shapes, " + left.shape() + " and " + right.shape());
        }
        return append(
                left.shape(), output -> new Operation.Binary(op.kind(), left, right, Activation.IDENTITY, output));
    }

    private static boolean spreads(Shape small, Shape large) {
        return small.isPixel() && small.channels() == large.channels() && large.elements() > small.elements();
    }

    @Override
    public Value concatenation(Op.Concatenation op, Node node) {
        List<Value> parts = node.inputs().stream().map(this::value).toList();
        Extent size = parts.get(0).shape().size();
        int channels = 0;
        for (Value part : parts) {
            if (!part.shape().size().equals(size)) {
                throw UnsupportedGraphException.of(
                        node,
                        "merges images of different sizes, " + parts.get(0).shape() + " and " + part.shape());
            }
            channels += part.shape().channels();
        }
        return parts.size() == 1
                ? parts.get(0)
                : append(Shape.image(channels, size), output -> new Operation.Concatenation(parts, output));
    }

    @Override
    public Value scale(Op.Scale op, Node node) {
        return scaled(input(node), ChannelScale.same(input(node).shape().channels(), (float) op.factor(), 0));
    }

    @Override
    public Value shift(Op.Shift op, Node node) {
        return scaled(input(node), ChannelScale.same(input(node).shape().channels(), 1, (float) op.summand()));
    }

    @Override
    public Value reshape(Op.Reshape op, Node node) {
        Value input = input(node);
        if (op.to().isImage() && !op.to().equals(input.shape())) {
            throw UnsupportedGraphException.of(node, "makes " + op.to() + " of " + input.shape());
        }
        return input;
    }

    @Override
    public Value dropout(Op.Dropout op, Node node) {
        return input(node);
    }

    @Override
    public Value dense(Op.Dense op, Node node) {
        throw notCompiled(node, "layer");
    }

    @Override
    public Value slopes(Op.Slopes op, Node node) {
        throw notCompiled(node, "layer");
    }

    @Override
    public Value slice(Op.Slice op, Node node) {
        throw notCompiled(node, "vertex");
    }

    @Override
    public Value unitNorm(Op.UnitNorm op, Node node) {
        throw notCompiled(node, "vertex");
    }

    @Override
    public Value foreign(Op.Foreign op, Node node) {
        throw op.reason() == null
                ? notCompiled(node, op.part().toString())
                : UnsupportedGraphException.of(node, op.reason());
    }

    private static UnsupportedGraphException notCompiled(Node node, String part) {
        return UnsupportedGraphException.of(node, "this kind of " + part + " is not compiled");
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
