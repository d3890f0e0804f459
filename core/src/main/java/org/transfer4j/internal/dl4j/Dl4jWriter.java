package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/**
 * A network of ours as DL4J's configuration: {@link Dl4jNetwork} the other way round. A layer becomes a vertex of its name
 * where DL4J has one for all of its nodes, and that is as it was where the layer came from DL4J; else each node becomes a
 * vertex. Padding and repetition that DL4J's layers do not do, and copies of what they would overwrite, are vertices of their
 * own below them.
 */
public final class Dl4jWriter {
    private final Network network;
    private final ComputationGraphConfiguration.GraphBuilder graph;

    private Dl4jWriter(Network network) {
        this.network = network;
        this.graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs(network.input())
                .setInputTypes(type(network.inputShape()));
    }

    /**
     * Writes a network.
     *
     * @param updater of its layers; each gets a clone
     * @throws UnsupportedGraphException if there is a node that DL4J can't compute, which the message names
     */
    public static ComputationGraphConfiguration write(Network network, IUpdater updater) {
        ComputationGraphConfiguration written = new Dl4jWriter(sayable(network)).write();
        Graphs.setUpdater(written, layer -> updater.clone());
        return written;
    }

    /** The network as it is written: layer by layer where DL4J has these, with what is a vertex of its own there. */
    static Network sayable(Network network) {
        return new Sayable(network).network();
    }

    static InputType type(Shape shape) {
        return shape.isImage()
                ? InputType.convolutional(shape.height(), shape.width(), shape.channels())
                : InputType.feedForward(shape.channels());
    }

    /** The same network with nodes for what DL4J does in vertices of their own. */
    private static final class Sayable {
        private final Network network;
        private final Network.Builder builder;
        private final Set<String> names;
        private final Map<String, Long> readers;

        Sayable(Network network) {
            this.network = network;
            this.builder = new Network.Builder(network.input(), network.inputShape());
            this.names = new HashSet<>(network.nodes().keySet());
            this.readers = network.nodes().values().stream()
                    .flatMap(node -> node.inputs().stream())
                    .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        }

        Network network() {
            network.layers().values().stream().map(this::readingCopies).forEach(nodes -> {
                Network.Origin origin = nodes.get(0).origin();
                if (origin == null) {
                    nodes.forEach(this::add);
                } else {
                    builder.note(
                            origin,
                            nodes.stream()
                                    .map(node -> add(node, node.op(), node.inputs()))
                                    .toList());
                }
            });
            return builder.build(network.output());
        }

        private Node add(Node node, Op op, List<String> inputs) {
            return builder.add(node.name(), node.layer(), node.kind(), op, inputs);
        }

        /** DL4J predicts activations in place: it writes their results over what they read. Where others read that, they get a copy. */
        private List<Node> readingCopies(List<Node> layer) {
            Node first = layer.get(0);
            String read = first.inputs().get(0);
            boolean overwrites = layer.stream()
                    .dropWhile(Sayable::passesOn)
                    .findFirst()
                    .filter(Sayable::overwrites)
                    .isPresent();
            if (!overwrites || !isShared(read)) {
                return layer;
            }
            List<Node> copied = new ArrayList<>(layer);
            String copy = below(first, "copy", new Op.Scale(1), read);
            copied.set(
                    0,
                    new Node(
                            first.name(),
                            first.layer(),
                            first.kind(),
                            first.op(),
                            List.of(copy),
                            first.shape(),
                            first.origin()));
            return copied;
        }

        private void add(Node node) {
            List<String> inputs = new ArrayList<>(node.inputs());
            String first = inputs.get(0);
            Op op = node.op();
            if (op instanceof Op.Binary) {
                inputs.replaceAll(input -> repeated(input, node));
            } else if (op instanceof Op.Convolution convolution && isLopsided(convolution.window(), first)) {
                inputs.set(0, padded(convolution.window(), node));
                op = new Op.Convolution(
                        convolution.inputs(),
                        convolution.outputs(),
                        convolution.groups(),
                        convolution.window().unpadded(),
                        convolution.biased());
            } else if (op instanceof Op.Pooling pooling
                    && pooling.kind() == Op.Pooling.Kind.MEAN_WITH_PADDING
                    && isLopsided(pooling.window(), first)) {
                inputs.set(0, padded(pooling.window(), node));
                op = new Op.Pooling(pooling.kind(), pooling.window().unpadded());
            }
            add(node, op, inputs);
        }

        private static boolean overwrites(Node node) {
            return node.op() instanceof Op.Activate
                    || node.op() instanceof Op.Slopes
                    || (node.origin() instanceof Dl4jOrigin origin
                            && origin.vertex() instanceof LayerVertex vertex
                            && Graphs.layer(vertex) instanceof ActivationLayer);
        }

        /** Whether what it gives when it predicts is what it reads, in the same memory. */
        private static boolean passesOn(Node node) {
            return node.op() instanceof Op.Reshape
                    || node.op() instanceof Op.Dropout
                    || (node.op() instanceof Op.Concatenation && node.inputs().size() == 1);
        }

        private boolean isShared(String read) {
            Node node = network.nodes().get(read);
            return node == null
                    || readers.getOrDefault(read, 0L) > 1
                    || (passesOn(node) && isShared(node.inputs().get(0)));
        }

        private boolean isLopsided(Window window, String input) {
            return !window.before().equals(window.after())
                    && !window.isSame(builder.shape(input).size());
        }

        private String padded(Window window, Node node) {
            return below(
                    node,
                    "padding",
                    new Op.Padding(window.before(), window.after()),
                    node.inputs().get(0));
        }

        private String repeated(String input, Node node) {
            Shape shape = builder.shape(input);
            return shape.equals(node.shape()) || !shape.isPixel()
                    ? input
                    : below(node, "repeat", new Op.Upsampling(node.shape().size()), input);
        }

        private String below(Node node, String what, Op op, String input) {
            String name = node.name() + "_" + what;
            while (!names.add(name)) {
                name += "_";
            }
            builder.add(name, name, op.getClass().getSimpleName(), op, List.of(input));
            return name;
        }
    }

    private ComputationGraphConfiguration write() {
        network.layers().forEach((layer, nodes) -> {
            if (nodes.get(0).origin() instanceof Dl4jOrigin origin) {
                add(layer, origin.vertex().clone(), nodes);
                return;
            }
            Optional<GraphVertex> whole = isOneVertex(network, nodes)
                    ? VertexWriter.write(nodes, network::shape, isOutput(nodes.get(nodes.size() - 1)))
                    : Optional.empty();
            if (whole.isPresent()) {
                add(layer, whole.get(), nodes);
            } else {
                for (Node node : nodes) {
                    add(node.name(), part(node), List.of(node));
                }
            }
        });
        try {
            return graph.setOutputs(network.output())
                    .validateOutputLayerConfig(false)
                    .build();
        } catch (RuntimeException e) {
            // DL4J's exceptions about configurations have no common class, and it counts some vertices' outputs wrongly
            throw new UnsupportedGraphException("DL4J can't compute the network: " + e.getMessage(), e);
        }
    }

    private GraphVertex part(Node node) {
        try {
            return VertexWriter.vertex(List.of(node), network::shape, isOutput(node));
        } catch (IllegalArgumentException e) {
            throw UnsupportedGraphException.of(node, "DL4J can't compute it: " + e.getMessage());
        }
    }

    private boolean isOutput(Node node) {
        return node.name().equals(network.output());
    }

    /** Whether a layer is written as one vertex, if DL4J has one for all of its nodes. */
    static boolean isOneVertex(Network network, List<Node> nodes) {
        return isClosed(network, nodes) && !isSeparableOfOneChannel(nodes);
    }

    /** DL4J has a layer for it, whose operation fails on one channel; that of its parts does not. */
    private static boolean isSeparableOfOneChannel(List<Node> nodes) {
        return nodes.size() > 1
                && nodes.get(0).op() instanceof Op.Convolution channels
                && channels.inputs() == 1
                && nodes.get(1).op() instanceof Op.Convolution;
    }

    /** Whether others read of a layer what its last node gives, and nothing else. */
    private static boolean isClosed(Network network, List<Node> nodes) {
        Set<String> inner = new HashSet<>();
        nodes.subList(0, nodes.size() - 1).forEach(node -> inner.add(node.name()));
        return !inner.contains(network.output())
                && network.nodes().values().stream()
                        .filter(node -> !nodes.contains(node))
                        .noneMatch(node -> node.inputs().stream().anyMatch(inner::contains));
    }

    private void add(String name, GraphVertex vertex, List<Node> nodes) {
        if (vertex instanceof LayerVertex layer) {
            layer.getLayerConf().getLayer().setLayerName(name);
        }
        Set<String> own = new HashSet<>();
        nodes.forEach(node -> own.add(node.name()));
        String[] inputs = nodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(input -> !own.contains(input))
                .toArray(String[]::new);
        graph.addVertex(name, vertex, inputs);
    }
}
