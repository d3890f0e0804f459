package org.transfer4j.internal.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network with one input and one output, without the values of its parameters: nodes, each after those that it reads,
 * with the shapes of what they give.
 *
 * @param input the name of the input
 * @param inputShape of one image
 * @param nodes by name, in the order in which they can be computed
 * @param output the name of the node that gives the result, or the input's
 */
public record Network(String input, Shape inputShape, Map<String, Node> nodes, String output) {
    /** Copies the nodes. */
    public Network {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    }

    /**
     * A step of the computation.
     *
     * @param name unique in the network; the last node of a layer has the layer's name
     * @param layer the layer that it is a part of
     * @param kind what the layer is called where it comes from, for messages
     * @param inputs names of nodes, or of the network's input
     * @param shape of what it gives
     * @param origin what else there is to say of its layer, the same for all of the layer's nodes; null if the ops say all
     */
    public record Node(
            String name,
            String layer,
            String kind,
            Op op,
            List<String> inputs,
            Shape shape,
            @Nullable Origin origin) {
        private Node from(Origin whole) {
            return new Node(name, layer, kind, op, inputs, shape, whole);
        }
    }

    /** A layer as the format has it that it comes from: what ops can't say of it, for the way back. */
    public interface Origin {}

    /** The values of parameters. */
    @FunctionalInterface
    public interface Values<T> {
        /**
         * Values of a parameter of a node.
         *
         * @param parameter one of {@link Op#parameters}, whose shape they have
         * @throws UnsupportedGraphException if they are not there
         */
        T of(Node node, String parameter);
    }

    /** Collects nodes. */
    public static final class Builder {
        private final String input;
        private final Shape inputShape;
        private final Map<String, Node> nodes = new LinkedHashMap<>();

        public Builder(String input, Shape inputShape) {
            this.input = input;
            this.inputShape = inputShape;
        }

        /** The shape of the input or of what a node gives that is there already. */
        public Shape shape(String name) {
            return name.equals(input) ? inputShape : Vertices.known(nodes, name).shape();
        }

        /**
         * Appends a node.
         *
         * @throws IllegalArgumentException if its name is taken, or its op can't be computed of its inputs
         */
        public Node add(String name, String layer, String kind, Op op, List<String> inputs) {
            Shape shape = op.shape(inputs.stream().map(this::shape).toList());
            Node node = new Node(name, layer, kind, op, List.copyOf(inputs), shape, null);
            if (name.equals(input) || nodes.putIfAbsent(name, node) != null) {
                throw new IllegalArgumentException("a network has no two nodes of one name, but two called " + name);
            }
            return node;
        }

        /** Notes of nodes that are there already what their ops can't say of their layer. */
        public void note(Origin origin, List<Node> ofLayer) {
            ofLayer.forEach(node -> nodes.put(node.name(), node.from(origin)));
        }

        public Network build(String output) {
            shape(output);
            return new Network(input, inputShape, nodes, output);
        }
    }

    /** The shape of the input or of what a node gives. */
    public Shape shape(String name) {
        return name.equals(input) ? inputShape : Vertices.known(nodes, name).shape();
    }

    /** The layer of a node. */
    public String layer(String node) {
        return Vertices.known(nodes, node).layer();
    }

    /** The nodes of each layer, in the order of the layers' first nodes. */
    public Map<String, List<Node>> layers() {
        Map<String, List<Node>> layers = new LinkedHashMap<>();
        nodes.values()
                .forEach(node -> layers.computeIfAbsent(node.layer(), layer -> new ArrayList<>())
                        .add(node));
        return layers;
    }
}
