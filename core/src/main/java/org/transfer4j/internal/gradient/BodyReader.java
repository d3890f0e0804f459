package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/**
 * Reads the body of a network: the nodes below the dense layers. A node becomes an operation of its own or a part of another: ReLU of what is
 * below it, padding of the window above it, one number for each channel that is repeated of the product above it.
 */
public final class BodyReader implements Op.Visitor<Node, Optional<Integer>> {
    private final ComputationGraphConfiguration graph;
    private final Network network;
    private final String last;
    private final boolean batchStatistics;
    private final Map<String, Map<String, INDArray>> parameterTables;
    private final Map<String, Map<String, INDArray>> gradientTables;
    private final Network.Values<INDArray> parameters;
    private final Network.Values<INDArray> gradients;
    private final Map<String, List<String>> readers = new HashMap<>();
    private final List<Body.Node> nodes = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<String, Node> waiting = new HashMap<>();

    private BodyReader(
            ComputationGraphConfiguration graph,
            Dl4jNetwork read,
            String last,
            Map<String, Map<String, INDArray>> parameterTables,
            Map<String, Map<String, INDArray>> gradientTables,
            boolean batchStatistics) {
        this.graph = graph;
        this.network = read.network();
        this.last = last;
        this.batchStatistics = batchStatistics;
        this.parameterTables = parameterTables;
        this.gradientTables = gradientTables;
        this.parameters = read.values(parameterTables);
        this.gradients = read.values(gradientTables);
        for (Node node : network.nodes().values()) {
            node.inputs()
                    .forEach(input -> readers.computeIfAbsent(input, key -> new ArrayList<>())
                            .add(node.name()));
        }
    }

    /**
     * Reads.
     *
     * @param images the shape of one image
     * @param last the vertex whose output is the body's
     * @param parameters in DL4J's tables, by layer and name
     * @param gradients where they go, in tables of the same form
     * @param batchStatistics whether batch normalization is by the batch's statistics in training
     * @throws UnsupportedGraphException if a part of it can't be trained here; the message names it
     */
    public static Body read(
            ComputationGraphConfiguration graph,
            Shape images,
            String last,
            Map<String, Map<String, INDArray>> parameters,
            Map<String, Map<String, INDArray>> gradients,
            boolean batchStatistics) {
        return new BodyReader(graph, Dl4jNetwork.read(graph, images), last, parameters, gradients, batchStatistics)
                .body();
    }

    private Body body() {
        places.put(network.input(), Body.INPUT);
        long multiplications = 0;
        try {
            for (Node node : network.nodes().values()) {
                requirePlain(node);
                Optional<Integer> place = node.op().accept(this, node);
                if (place.isEmpty() && !waiting.containsKey(node.name())) {
                    throw UnsupportedGraphException.of(node, "can't be trained on oneDNN");
                }
                place.ifPresent(index -> places.put(node.name(), index));
                multiplications += multiplications(node);
                if (node.name().equals(last)
                        && place.filter(index -> index == nodes.size() - 1).isPresent()) {
                    return new Body(List.copyOf(nodes), multiplications);
                }
            }
            throw new UnsupportedGraphException("there is nothing to compute below " + last);
        } catch (RuntimeException e) {
            nodes.forEach(node -> node.operation().close());
            throw e;
        }
    }

    private static long multiplications(Node node) {
        return node.op() instanceof Op.Convolution convolution
                ? convolution.parameter(Op.WEIGHTS).elements()
                        * node.shape().height()
                        * node.shape().width()
                : 0;
    }

    /** Frozen layers, and what computes something else in training than elsewhere, are not known here. */
    private void requirePlain(Node node) {
        GraphVertex vertex = graph.getVertices().get(node.layer());
        Object settings =
                vertex instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : vertex;
        if (settings instanceof org.deeplearning4j.nn.conf.layers.Layer layer && layer.getIDropout() != null) {
            throw UnsupportedGraphException.of(node, "has dropout below other layers than dense ones");
        }
        if (vertex instanceof FrozenVertex || settings instanceof FrozenLayer) {
            throw UnsupportedGraphException.of(node, "is frozen in the network itself");
        }
    }

    /** Where a node's input is; null where it waits to become a part of an operation. */
    private @Nullable Integer input(Node node) {
        return places.get(node.inputs().get(0));
    }

    private boolean isReadOnce(String name) {
        return readers.getOrDefault(name, List.of()).size() == 1;
    }

    private Optional<Integer> append(Operation operation, @Nullable Integer... inputs) {
        List<Integer> read = new ArrayList<>();
        for (Integer input : inputs) {
            if (input == null) {
                return Optional.empty();
            }
            read.add(input);
        }
        nodes.add(new Body.Node(operation, read));
        return Optional.of(nodes.size() - 1);
    }

    private Operation operation(int place) {
        return nodes.get(place).operation();
    }

    private void replace(int place, Operation operation) {
        nodes.set(place, new Body.Node(operation, nodes.get(place).inputs()));
    }

    /** Holds a node back for what reads it. */
    private Optional<Integer> await(Node node) {
        if (input(node) != null && isReadOnce(node.name())) {
            waiting.put(node.name(), node);
        }
        return Optional.empty();
    }

    /** The padding that waits below a node. */
    private Optional<Node> paddingBelow(Node node) {
        return Optional.ofNullable(waiting.get(node.inputs().get(0))).filter(below -> below.op() instanceof Op.Padding);
    }

    private static Window padded(Window window, Node padding) {
        Op.Padding around = (Op.Padding) padding.op();
        return window.padded(around.before(), around.after());
    }

    @Override
    public Optional<Integer> convolution(Op.Convolution op, Node node) {
        if (op.groups() > 1 && isSeparable(node) && op.outputs() > op.groups()) {
            // whose weights DL4J keeps in an order that no view has
            return Optional.empty();
        }
        Filter filter = new Filter(parameters.of(node, Op.WEIGHTS), gradients.of(node, Op.WEIGHTS), op.groups());
        Optional<Node> padding = paddingBelow(node);
        Convolution convolution = new Convolution(
                padding.map(below -> padded(op.window(), below)).orElse(op.window()),
                filter,
                op.biased() ? parameters.of(node, Op.BIAS) : null,
                op.biased() ? gradients.of(node, Op.BIAS) : null,
                false,
                false);
        return append(convolution, input(padding.orElse(node)));
    }

    private static boolean isSeparable(Node node) {
        return node.kind().equals(SeparableConvolution2D.class.getSimpleName());
    }

    @Override
    public Optional<Integer> normalization(Op.Normalization op, Node node) {
        if (!(graph.getVertices().get(node.layer()) instanceof LayerVertex vertex)
                || !(vertex.getLayerConf().getLayer() instanceof BatchNormalization settings)
                || settings.isLockGammaBeta()
                || !network.shape(node.inputs().get(0)).isImage()) {
            return Optional.empty();
        }
        NormalizationParameters kept = NormalizationParameters.of(
                settings,
                parameterTables.getOrDefault(node.layer(), Map.of()),
                gradientTables.getOrDefault(node.layer(), Map.of()));
        return kept == null
                ? Optional.empty()
                : append(new Normalization(kept, (float) op.epsilon(), !batchStatistics, false), input(node));
    }

    /** A maximum right above ReLU, and nobody else, takes over its part in the backward pass. */
    @Override
    public Optional<Integer> pooling(Op.Pooling op, Node node) {
        if (op.window().isDilated()) {
            return Optional.empty();
        }
        Optional<Node> padding = paddingBelow(node);
        if (padding.isPresent()) {
            return padded(op, padding.get());
        }
        Integer below = input(node);
        Pooling pooling = new Pooling(op.kind(), op.window());
        if (pooling.maximum()
                && below != null
                && below != Body.INPUT
                && operation(below) instanceof Convolution convolution
                && convolution.rectified()
                && isReadOnce(node.inputs().get(0))) {
            replace(below, convolution.thenMasked());
            pooling = pooling.thatMasks();
        }
        return append(pooling, below);
    }

    /** Zeros count in one kind of mean, and are no higher than what a maximum above ReLU sees. */
    private Optional<Integer> padded(Op.Pooling op, Node padding) {
        Window window = padded(op.window(), padding);
        Integer below = input(padding);
        boolean zeros = switch (op.kind()) {
            case MAXIMUM ->
                below != null && below != Body.INPUT && operation(below).isNonnegative();
            case MEAN_WITH_PADDING -> true;
            case MEAN_WITHOUT_PADDING -> op.window().isUnpadded();
        };
        if (!zeros || !window.padsLessThanKernel()) {
            return Optional.empty();
        }
        Op.Pooling.Kind kind = op.kind() == Op.Pooling.Kind.MAXIMUM ? op.kind() : Op.Pooling.Kind.MEAN_WITH_PADDING;
        return append(new Pooling(kind, window), below);
    }

    @Override
    public Optional<Integer> globalPooling(Op.GlobalPooling op, Node node) {
        Op.Pooling.Kind kind = op.maximum() ? Op.Pooling.Kind.MAXIMUM : Op.Pooling.Kind.MEAN_WITHOUT_PADDING;
        return append(
                new Pooling(
                        kind, Window.whole(network.shape(node.inputs().get(0)).size())),
                input(node));
    }

    @Override
    public Optional<Integer> padding(Op.Padding op, Node node) {
        return await(node);
    }

    @Override
    public Optional<Integer> upsampling(Op.Upsampling op, Node node) {
        return network.shape(node.inputs().get(0)).isPixel() ? await(node) : Optional.empty();
    }

    @Override
    public Optional<Integer> activate(Op.Activate op, Node node) {
        Integer below = input(node);
        if (below == null || op.activation().isIdentity()) {
            return Optional.ofNullable(below);
        }
        Optional<Elementwise> function = op.activation().inOneDnn().map(Elementwise::new);
        boolean merges = function.filter(Elementwise.RELU::equals).isPresent()
                && below == nodes.size() - 1
                && below != Body.INPUT
                && isReadOnce(node.inputs().get(0));
        if (merges && operation(below) instanceof Convolution convolution && !convolution.rectified()) {
            replace(below, convolution.thenRectified());
            return Optional.of(below);
        }
        if (merges && operation(below) instanceof Normalization normalization && !normalization.rectified()) {
            replace(below, normalization.thenRectified());
            return Optional.of(below);
        }
        return function.flatMap(made -> append(made, below));
    }

    @Override
    public Optional<Integer> binary(Op.Binary op, Node node) {
        String first = node.inputs().get(0);
        String second = node.inputs().get(1);
        if (op.kind() == Op.Binary.Kind.PRODUCT) {
            boolean swapped = waiting.containsKey(first)
                    || network.shape(first).elements() < network.shape(second).elements();
            return product(swapped ? second : first, swapped ? first : second);
        }
        boolean sum = op.kind() == Op.Binary.Kind.SUM && network.shape(first).equals(network.shape(second));
        return sum ? append(new Binary(false), places.get(first), places.get(second)) : Optional.empty();
    }

    private Optional<Integer> product(String image, String numbers) {
        Node repeated = waiting.get(numbers);
        if (repeated != null) {
            return repeated.op() instanceof Op.Upsampling
                    ? append(new Binary(true), places.get(image), input(repeated))
                    : Optional.empty();
        }
        Shape shape = network.shape(numbers);
        boolean fits = shape.equals(network.shape(image))
                || (shape.isPixel() && shape.channels() == network.shape(image).channels());
        return fits ? append(new Binary(true), places.get(image), places.get(numbers)) : Optional.empty();
    }

    @Override
    public Optional<Integer> concatenation(Op.Concatenation op, Node node) {
        return append(
                new Concatenation(), node.inputs().stream().map(places::get).toArray(Integer[]::new));
    }

    @Override
    public Optional<Integer> dense(Op.Dense op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> slopes(Op.Slopes op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> scale(Op.Scale op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> shift(Op.Shift op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> slice(Op.Slice op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> unitNorm(Op.UnitNorm op, Node node) {
        return Optional.empty();
    }

    /** Flattening moves nothing, since images are channels first. */
    @Override
    public Optional<Integer> reshape(Op.Reshape op, Node node) {
        return op.to().isVector() ? Optional.ofNullable(input(node)) : Optional.empty();
    }

    @Override
    public Optional<Integer> dropout(Op.Dropout op, Node node) {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> foreign(Op.Foreign op, Node node) {
        return Optional.empty();
    }
}
