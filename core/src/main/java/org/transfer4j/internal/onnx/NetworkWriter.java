package org.transfer4j.internal.onnx;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onnx.OnnxGraph.Node;
import org.transfer4j.internal.onnx.OnnxGraph.Value;

/** Writes the nodes of a network as nodes of ONNX. Shapes and the order of values are the same on both sides. */
final class NetworkWriter implements Op.Visitor<Network.Node, Value> {
    private final Network.Values parameters;
    private final String output;
    private final Set<String> pooled;
    private final double temperature;
    private final OnnxGraph graph;
    private final Map<String, Value> values = new HashMap<>();

    private NetworkWriter(Network network, Network.Values parameters, double temperature, OnnxGraph graph) {
        this.output = network.output();
        this.pooled = network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Pooling)
                .flatMap(node -> node.inputs().stream())
                .collect(Collectors.toSet());
        this.parameters = parameters;
        this.temperature = temperature;
        this.graph = graph;
    }

    /**
     * Appends a network.
     *
     * @param temperature by which the inputs of a softmax at the end are divided
     * @param images what the network's first layer reads
     * @return its output
     * @throws UnsupportedOperationException if ONNX has nothing that computes the same as a layer, which is named
     */
    static Value append(Network network, Network.Values parameters, double temperature, OnnxGraph graph, Value images) {
        NetworkWriter writer = new NetworkWriter(network, parameters, temperature, graph);
        writer.values.put(network.input(), images);
        for (Network.Node node : network.nodes().values()) {
            writer.values.put(node.name(), node.op().accept(writer, node));
        }
        return writer.value(network.output());
    }

    private Value value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private Value input(Network.Node node) {
        return value(node.inputs().get(0));
    }

    /** Begins an operator that reads a node's first input. */
    private Node begin(Network.Node node, String operator) {
        return begin(node, operator, input(node));
    }

    private Node begin(Network.Node node, String operator, Value... inputs) {
        return graph.node(node.layer(), operator).inputs(inputs);
    }

    private String weights(Network.Node node, String parameter) {
        return graph.weights(node.layer(), parameter, parameters.of(node, parameter));
    }

    private static UnsupportedOperationException unsupported(Network.Node node, String reason) {
        return new UnsupportedOperationException("the network can't be exported to ONNX: layer \"" + node.layer()
                + "\" (" + node.kind() + ") " + reason);
    }

    @Override
    public Value convolution(Op.Convolution op, Network.Node node) {
        Node written = begin(node, "Conv").constants(weights(node, Op.WEIGHTS));
        if (op.groups() > 1) {
            written.attribute("group", op.groups());
        }
        if (op.biased()) {
            written.constants(weights(node, Op.BIAS));
        }
        return dilated(written, op.window()).output(node.shape());
    }

    /** Sets the attributes that all operators with windows have. */
    private static Node windowed(Node written, Window window) {
        return written.attribute("kernel_shape", list(window.kernel()))
                .attribute("strides", list(window.stride()))
                .attribute(
                        "pads",
                        Stream.of(window.before(), window.after())
                                .flatMap(extent -> list(extent).stream())
                                .toList());
    }

    /** Sets the distance between the kernel's pixels as well, where the operator knows that. */
    private static Node dilated(Node written, Window window) {
        return windowed(written, window).attribute("dilations", list(window.dilation()));
    }

    private static List<Long> list(Extent extent) {
        return LongStream.of(extent.dimensions()).boxed().toList();
    }

    @Override
    public Value dense(Op.Dense op, Network.Node node) {
        return product(node, input(node), op.biased()).output(node.shape());
    }

    private Node product(Network.Node node, Value read, boolean biased) {
        Node written =
                begin(node, "Gemm", read).constants(weights(node, Op.WEIGHTS)).attribute("transB", 1);
        if (biased) {
            written.constants(weights(node, Op.BIAS));
        } else if (graph.opset() < Opset.PRODUCT_WITHOUT_SUMMAND) {
            written.constants(graph.floats(node.layer(), "summand", List.of(1L), 0));
        }
        return written;
    }

    @Override
    public Value normalization(Op.Normalization op, Network.Node node) {
        return begin(node, "BatchNormalization")
                .constants(
                        weights(node, Op.GAMMA),
                        weights(node, Op.BETA),
                        weights(node, Op.MEAN),
                        weights(node, Op.VARIANCE))
                .attribute("epsilon", op.epsilon())
                .output(node.shape());
    }

    @Override
    public Value pooling(Op.Pooling op, Network.Node node) {
        if (op.kind() == Op.Pooling.Kind.MAXIMUM) {
            return dilated(begin(node, "MaxPool"), op.window()).output(node.shape());
        }
        if (op.window().isDilated()) {
            // the operator learned it in opset 19
            throw unsupported(node, "is a dilated mean");
        }
        return windowed(begin(node, "AveragePool"), op.window())
                .attribute("count_include_pad", op.kind() == Op.Pooling.Kind.MEAN_WITH_PADDING ? 1 : 0)
                .output(node.shape());
    }

    @Override
    public Value globalPooling(Op.GlobalPooling op, Network.Node node) {
        return begin(node, op.maximum() ? "GlobalMaxPool" : "GlobalAveragePool").output(node.shape());
    }

    @Override
    public Value padding(Op.Padding op, Network.Node node) {
        Extent before = op.before();
        Extent after = op.after();
        Node written = begin(node, "Pad")
                .constants(graph.integers(
                        node.layer(),
                        "pads",
                        0,
                        0,
                        before.height(),
                        before.width(),
                        0,
                        0,
                        after.height(),
                        after.width()));
        if (pooled.contains(node.name())) {
            // ONNX Runtime makes zeros the padding of the pooling above, which in a maximum is less than any number; it
            // knows zeros by their bytes, and those of -0 are not all 0
            written.constants(graph.scalar(node.layer(), "zero", -0.0));
        }
        return written.output(node.shape());
    }

    @Override
    public Value upsampling(Op.Upsampling op, Network.Node node) {
        Extent times = op.times();
        return begin(node, "Resize")
                // no region of interest
                .constants("", graph.floats(node.layer(), "scales", List.of(4L), 1, 1, times.height(), times.width()))
                .attribute("mode", "nearest")
                .attribute("coordinate_transformation_mode", "asymmetric")
                .attribute("nearest_mode", "floor")
                .output(node.shape());
    }

    @Override
    public Value activate(Op.Activate op, Network.Node node) {
        Activation activation = op.activation();
        return activation
                .function()
                .onnx()
                .map(formula -> written(node, formula, activation))
                .orElseGet(() -> switch (activation.function()) {
                    case RELU -> rectifier(node, activation);
                    case CLIP -> clip(node, activation);
                    case SOFTMAX ->
                        begin(node, "Softmax", tempered(node))
                                .attribute("axis", -1)
                                .output(node.shape());
                    default ->
                        throw unsupported(node, "has the activation " + activation.function() + ", which ONNX has not");
                });
    }

    private Value tempered(Network.Node softmax) {
        if (temperature == 1 || !softmax.name().equals(output)) {
            return input(softmax);
        }
        return begin(softmax, "Div")
                .constants(graph.scalar(softmax.layer(), "temperature", temperature))
                .output(softmax.shape());
    }

    /** Operators one after the other as the table of activations has them. */
    private Value written(Network.Node node, String formula, Activation activation) {
        String gate = "x *";
        Value input = input(node);
        Value value = input;
        Node operator = null;
        for (String word : formula.replace(gate, "").trim().split(" ", -1)) {
            if (operator != null && word.equals("alpha")) {
                operator.attribute(word, activation.alpha());
            } else if (operator != null && word.equals("beta")) {
                operator.attribute(word, activation.beta());
            } else if (!word.isEmpty()) {
                value = operator == null ? value : operator.output(node.shape());
                operator = begin(node, word, value);
            }
        }
        value = operator == null ? value : operator.output(node.shape());
        return formula.startsWith(gate) ? begin(node, "Mul", input, value).output(node.shape()) : value;
    }

    private Value clip(Network.Node node, Activation activation) {
        return begin(node, "Clip")
                .constants(
                        graph.scalar(node.layer(), "lowest", activation.alpha()),
                        graph.scalar(node.layer(), "highest", activation.beta()))
                .output(node.shape());
    }

    private Value rectifier(Network.Node node, Activation activation) {
        Node written = activation.alpha() == 0
                ? begin(node, "Relu")
                : begin(node, "LeakyRelu").attribute("alpha", activation.alpha());
        Value rectified = written.output(node.shape());
        return Double.isInfinite(activation.beta())
                ? rectified
                : begin(node, "Min", rectified)
                        .constants(graph.scalar(node.layer(), "highest", activation.beta()))
                        .output(node.shape());
    }

    @Override
    public Value slopes(Op.Slopes op, Network.Node node) {
        return begin(node, "PRelu").constants(weights(node, Op.WEIGHTS)).output(node.shape());
    }

    @Override
    public Value binary(Op.Binary op, Network.Node node) {
        String operator = switch (op.kind()) {
            case SUM -> "Add";
            case DIFFERENCE -> "Sub";
            case PRODUCT -> "Mul";
            case MAXIMUM -> "Max";
        };
        return begin(node, operator, all(node)).output(node.shape());
    }

    private Value[] all(Network.Node node) {
        return node.inputs().stream().map(this::value).toArray(Value[]::new);
    }

    @Override
    public Value concatenation(Op.Concatenation op, Network.Node node) {
        return begin(node, "Concat", all(node)).attribute("axis", 1).output(node.shape());
    }

    @Override
    public Value scale(Op.Scale op, Network.Node node) {
        return withNumber(node, "Mul", op.factor());
    }

    @Override
    public Value shift(Op.Shift op, Network.Node node) {
        return withNumber(node, "Add", op.summand());
    }

    @Override
    public Value affine(Op.Affine op, Network.Node node) {
        Value scaled = begin(node, "Mul").constants(weights(node, Op.GAMMA)).output(node.shape());
        return begin(node, "Add", scaled).constants(weights(node, Op.BETA)).output(node.shape());
    }

    private Value withNumber(Network.Node node, String operator, double number) {
        return begin(node, operator)
                .constants(graph.scalar(node.layer(), "factor", number))
                .output(node.shape());
    }

    @Override
    public Value slice(Op.Slice op, Network.Node node) {
        return begin(node, "Slice")
                .constants(
                        graph.integers(node.layer(), "starts", op.first()),
                        graph.integers(node.layer(), "ends", op.end()),
                        graph.integers(node.layer(), "axes", 1))
                .output(node.shape());
    }

    @Override
    public Value unitNorm(Op.UnitNorm op, Network.Node node) {
        return unitNorm(op, node, input(node));
    }

    private Value unitNorm(Op.UnitNorm op, Network.Node node, Value read) {
        Shape single = new Shape(read.shape().sizes().stream().map(size -> 1L).toList());
        Node written = begin(node, "ReduceL2", read).attribute("keepdims", 1);
        LongStream axes = LongStream.rangeClosed(1, read.shape().sizes().size());
        Value norm = (graph.opset() < Opset.AXES_ARE_INPUT
                        ? written.attribute("axes", axes.boxed().toList())
                        : written.constants(graph.integers(node.layer(), "axes", axes.toArray())))
                .output(single);
        Value divisor = begin(node, "Max", norm)
                .constants(graph.scalar(node.layer(), "epsilon", op.epsilon()))
                .output(single);
        return begin(node, "Div", read, divisor).output(read.shape());
    }

    @Override
    public Value reshape(Op.Reshape op, Network.Node node) {
        if (op.to().isVector()) {
            return begin(node, "Flatten").attribute("axis", 1).output(node.shape());
        }
        return begin(node, "Reshape")
                // 0 keeps the batch
                .constants(graph.integers(node.layer(), "shape", op.to().withBatch(0)))
                .output(node.shape());
    }

    @Override
    public Value dropout(Op.Dropout op, Network.Node node) {
        return input(node);
    }

    @Override
    public Value neighbours(Op.Neighbours op, Network.Node node) {
        if (temperature != 1) {
            throw unsupported(node, "is of votes, whose calibration has no form there: export it without");
        }
        if (graph.opset() < Opset.ONE_OF_MANY) {
            throw unsupported(
                    node,
                    "is of votes, which opset " + Opset.ONE_OF_MANY + " can count and newer ones, but the backbone's"
                            + " model is of opset " + graph.opset() + ": convert it to a newer one");
        }
        Shape voters = Shape.of(op.count());
        Value direction = unitNorm(new Op.UnitNorm(Op.Neighbours.SHORTEST), node, input(node));
        Node largest = begin(node, "TopK", product(node, direction, false).output(Shape.of(op.images())));
        List<Value> nearest = (graph.opset() < Opset.COUNT_IS_INPUT
                        ? largest.attribute("k", op.count())
                        : largest.constants(graph.integers(node.layer(), "count", op.count())))
                .outputs(voters, voters);
        Value tempered = begin(node, "Div", nearest.get(0))
                .constants(graph.scalar(node.layer(), "temperature", op.temperature()))
                .output(voters);
        Value votes = begin(node, "Softmax", tempered).attribute("axis", 1).output(voters);
        Value row = begin(node, "Reshape", votes)
                .constants(graph.integers(node.layer(), "row", 0, 1, op.count()))
                .output(Shape.of(1, op.count()));
        // whole numbers, as floats
        long[] numbers = parameters.of(node, Op.CLASSES).toLongVector();
        Value voted = graph.node(node.layer(), "Gather")
                .constants(
                        graph.integers(node.layer(), Op.CLASSES, numbers),
                        nearest.get(1).name())
                .output(voters);
        Value each = begin(node, "OneHot", voted)
                .constants(
                        graph.integers(node.layer(), "number", op.classes()),
                        graph.floats(node.layer(), "votes", List.of(2L), 0, 1))
                .output(Shape.of(op.count(), op.classes()));
        Value sums = begin(node, "MatMul", row, each).output(Shape.of(1, op.classes()));
        return begin(node, "Flatten", sums).attribute("axis", 1).output(node.shape());
    }

    @Override
    public Value foreign(Op.Foreign op, Network.Node node) {
        String kind = op.part() == Op.Foreign.Part.PREPROCESSOR ? "is a change of shape" : "is of a kind";
        throw unsupported(
                node, op.reason() == null ? kind + " that is not known here" : "can't be written: " + op.reason());
    }

    @Override
    public Value onnx(Op.Onnx op, Network.Node node) {
        try {
            return graph.append(node.layer(), parameters.of(node, Op.MODEL), input(node), op.shape());
        } catch (IOException e) {
            throw new UnsupportedOperationException(
                    "the network can't be exported to ONNX: the model of layer \"" + node.layer() + "\" is damaged", e);
        }
    }
}
