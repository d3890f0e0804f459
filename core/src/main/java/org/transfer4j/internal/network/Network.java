package org.transfer4j.internal.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

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
    /** The output layer above a backbone and its head, as Keras' own networks call it. */
    public static final String PREDICTIONS = "predictions";

    /** Copies the nodes. */
    public Network {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    }

    /**
     * A step of the computation.
     *
     * @param name unique in the network; the last node of a layer has the layer's name
     * @param layer the layer that it is a part of
     * @param kind what layers of its kind are called, by Keras where Keras has them: for summaries and messages
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

        /** The parameters that have values, and their shapes: the op's but for those that are fixed, unless the origin has others. */
        public Map<String, Shape> parameters() {
            if (origin != null) {
                return origin.parameters(op);
            }
            Map<String, Shape> parameters = new LinkedHashMap<>(op.parameters());
            parameters.keySet().removeIf(parameter -> op.fixed(parameter).isPresent());
            return parameters;
        }

        /** The one number that all values of a parameter are that is not among {@link #parameters}; empty for those. */
        OptionalDouble fixed(String parameter) {
            return origin == null ? op.fixed(parameter) : origin.fixed(parameter);
        }
    }

    /** A layer as the format has it that it comes from: what ops can't say of it, for the way back. */
    public interface Origin {
        /** The number of the layer's parameters in that format. */
        long parameterCount();

        /** The parameters of one of the layer's ops: without what the layer fixes, and with what that format alone knows of. */
        Map<String, Shape> parameters(Op op);

        /** The one number that the layer fixes all values of a parameter at; empty where it does not. */
        OptionalDouble fixed(String parameter);

        /** What is added to a parameter's gradient, or to its steps. */
        List<Regularization> regularization(String parameter);

        /** All that decides what the layer computes; the same for the same settings. */
        String description();

        /** Why nobody else can train the layer, as with noise on its weights; empty if others can. */
        Optional<String> ownTraining();

        /** The part of what the layer reads that training keeps, besides dropout that is an op; 1 where nothing is dropped. */
        double retained();
    }

    /** The values of parameters. */
    @FunctionalInterface
    public interface Values {
        /**
         * Values of a parameter of a node.
         *
         * @param parameter one of {@link Op#parameters}, whose shape they have
         * @throws UnsupportedGraphException if they are not there
         */
        INDArray of(Node node, String parameter);
    }

    /** A network for images of any size. */
    @FunctionalInterface
    public interface Sized {
        /**
         * The network for one size.
         *
         * @throws IllegalArgumentException if it can't take images of that size
         */
        Network network(int height, int width);
    }

    /**
     * One of the ops that a layer of some format is made of.
     *
     * @param kind as a node has it
     * @param inputs numbers of the layer's inputs, or {@link #PREVIOUS}
     * @param parameters what the format has of the op's
     */
    public record Step<P>(String kind, Op op, List<Integer> inputs, P parameters) {
        /** Among a step's inputs, what the step before gives. */
        public static final int PREVIOUS = -1;
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

        /** Starts with all nodes of a network, for more on them. */
        public Builder(Network network) {
            this(network.input, network.inputShape);
            nodes.putAll(network.nodes);
        }

        /** The shape of the input or of what a node gives that is there already. */
        public Shape shape(String name) {
            return name.equals(input) ? inputShape : known(nodes, name).shape();
        }

        /** Whether there is a node of that name already. */
        public boolean has(String name) {
            return nodes.containsKey(name);
        }

        /**
         * Appends a node.
         *
         * @throws IllegalArgumentException if its name is taken, or its op can't be computed of its inputs
         */
        public Node add(String name, String layer, String kind, Op op, List<String> inputs) {
            OptionalInt arity = op.arity();
            if (inputs.isEmpty() || inputs.size() != arity.orElse(inputs.size())) {
                throw new IllegalArgumentException(
                        "reads " + (arity.isPresent() ? arity.getAsInt() : "1 or more") + " values, got " + inputs);
            }
            Shape shape = op.shape(inputs.stream().map(this::shape).toList());
            Node node = new Node(name, layer, kind, op, List.copyOf(inputs), shape, null);
            if (name.equals(input) || nodes.putIfAbsent(name, node) != null) {
                throw new IllegalArgumentException("a network has no two nodes of one name, but two called " + name);
            }
            return node;
        }

        /**
         * Appends a layer, one node a step: the last has the layer's name, the others are numbered.
         *
         * @param inputs what the layer reads
         * @param taken whether another has a name, or will have it: layers may have any names, also those of another's parts
         */
        public List<Node> addLayer(
                String layer, List<? extends Step<?>> steps, List<String> inputs, Predicate<String> taken) {
            List<Node> added = new ArrayList<>();
            for (Step<?> step : steps) {
                int last = added.size() - 1;
                List<String> read = step.inputs().stream()
                        .map(input -> input == Step.PREVIOUS ? added.get(last).name() : inputs.get(input))
                        .toList();
                String name = layer;
                if (added.size() < steps.size() - 1) {
                    name = layer + "/" + (added.size() + 1);
                    while (taken.test(name)) {
                        name += "_";
                    }
                }
                added.add(add(name, layer, step.kind(), step.op(), read));
            }
            return added;
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
        return name.equals(input) ? inputShape : known(nodes, name).shape();
    }

    /** What a node computes; null of the input, and where there is no such node. */
    public @Nullable Op op(String node) {
        Node known = nodes.get(node);
        return known == null ? null : known.op();
    }

    /** The layer of a node. */
    public String layer(String node) {
        return known(nodes, node).layer();
    }

    /** The nodes of each layer, in the order of the layers' first nodes. */
    public Map<String, List<Node>> layers() {
        Map<String, List<Node>> layers = new LinkedHashMap<>();
        nodes.values()
                .forEach(node -> layers.computeIfAbsent(node.layer(), layer -> new ArrayList<>())
                        .add(node));
        return layers;
    }

    /** What a layer reads of other layers, or the network's input. */
    public List<String> inputsOfLayer(String layer) {
        return nodes.values().stream()
                .filter(node -> node.layer().equals(layer))
                .flatMap(node -> node.inputs().stream())
                .filter(read -> read.equals(input) || !layer(read).equals(layer))
                .toList();
    }

    /** The number of all parameters. */
    public long parameterCount() {
        return layers().values().stream().mapToLong(Network::parameterCount).reduce(0, Math::addExact);
    }

    /** The number of the parameters of a layer. */
    public static long parameterCount(List<Node> layer) {
        Origin origin = layer.get(0).origin();
        return origin != null
                ? origin.parameterCount()
                : layer.stream().mapToLong(node -> node.op().parameterCount()).reduce(0, Math::addExact);
    }

    /** Whether an ONNX model is a part of it. */
    public boolean hasOnnx() {
        return nodes.values().stream().anyMatch(node -> node.op() instanceof Op.Onnx);
    }

    /** The node and all that it depends on, in their order, without the input. */
    public Set<String> upTo(String node) {
        Set<String> needed = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            String next = open.pop();
            if (!next.equals(input) && needed.add(next)) {
                open.addAll(known(nodes, next).inputs());
            }
        }
        Set<String> ordered = new LinkedHashSet<>(nodes.keySet());
        ordered.retainAll(needed);
        return ordered;
    }

    /** The layers among the nodes that a node depends on. */
    public Set<String> layersUpTo(String node) {
        return upTo(node).stream().map(this::layer).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Whether everything above the node reaches what is below it through the node alone, so that its output is all that
     * the upper part needs.
     */
    public boolean isCutPoint(String node) {
        Set<String> below = upTo(node);
        return nodes.values().stream()
                .filter(other -> !below.contains(other.name()))
                .flatMap(other -> other.inputs().stream())
                .noneMatch(read -> (below.contains(read) || read.equals(input)) && !read.equals(node));
    }

    /** The part up to and with the node. */
    public Network below(String node) {
        Set<String> needed = upTo(node);
        return part(input, needed::contains, node);
    }

    /** The part above the node, whose output becomes the input of the same name. */
    public Network above(String node) {
        Set<String> below = upTo(node);
        return part(node, name -> !below.contains(name), output);
    }

    private Network part(String from, Predicate<String> taken, String to) {
        Map<String, Node> part = new LinkedHashMap<>(nodes);
        part.keySet().removeIf(taken.negate());
        return new Network(from, shape(from), part, to);
    }

    /**
     * What has a name.
     *
     * @throws IllegalArgumentException if nothing has; the message lists the names
     */
    public static <T> T known(Map<String, T> values, String name) {
        T value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no layer named \"" + name + "\" among " + values.keySet());
        }
        return value;
    }

    /**
     * Puts nodes of a graph that nobody vouches for, and all that they need, into an order in which each comes after what it
     * needs. Without recursion, so that a forged graph can't be too deep for it.
     *
     * @param wanted they keep their order where nothing stands against it
     * @param inputs from a node to those that it needs
     * @throws IllegalArgumentException if a node needs itself
     */
    public static Set<String> inOrder(Collection<String> wanted, Function<String, List<String>> inputs) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String node : wanted) {
            visit(node, inputs, ordered);
        }
        return ordered;
    }

    private record Visit(String node, Iterator<String> inputs) {}

    private static void visit(String start, Function<String, List<String>> inputs, Set<String> ordered) {
        if (ordered.contains(start)) {
            return;
        }
        Set<String> open = new HashSet<>();
        Deque<Visit> path = new ArrayDeque<>();
        open.add(start);
        path.push(new Visit(start, inputs.apply(start).iterator()));
        while (!path.isEmpty()) {
            Visit visit = path.peek();
            if (!visit.inputs().hasNext()) {
                ordered.add(visit.node());
                open.remove(visit.node());
                path.pop();
                continue;
            }
            String input = visit.inputs().next();
            if (open.contains(input)) {
                throw new IllegalArgumentException("a network's layers must not form a circle, but " + input
                        + " needs its own output, by way of " + visit.node());
            }
            if (!ordered.contains(input)) {
                open.add(input);
                path.push(new Visit(input, inputs.apply(input).iterator()));
            }
        }
    }
}
