package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.transfer4j.internal.network.DependencyOrder;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/**
 * Reads networks of DL4J vertex by vertex: the last node of each has the vertex' name, and what can't be said as ours is
 * {@link Op.Foreign}.
 */
public final class Dl4jNetwork {
    private Dl4jNetwork() {}

    /**
     * Reads what the output depends on, each vertex by the rules that it can be computed by.
     *
     * @param images the shape of one image
     * @throws IllegalArgumentException if it is no network with one input and one output, or a vertex breaks a rule: the
     *     message names the vertex, the rule and the value
     */
    public static Network network(ComputationGraphConfiguration configuration, Shape images) {
        List<String> inputs = configuration.getNetworkInputs();
        List<String> outputs = configuration.getNetworkOutputs();
        Map<String, GraphVertex> vertices = configuration.getVertices();
        if (vertices.size() > NetworkSize.MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "a network has " + NetworkSize.MOST_LAYERS + " layers at most, got " + vertices.size());
        }
        if (inputs.size() != 1 || outputs.size() != 1 || vertices.containsKey(inputs.get(0))) {
            throw new IllegalArgumentException(
                    "a network has one input and one output, got " + inputs + " and " + outputs);
        }
        String input = inputs.get(0);
        Network.Builder network = new Network.Builder(input, images);
        Set<String> order = DependencyOrder.of(
                outputs, name -> name.equals(input) ? List.of() : known(configuration.getVertexInputs(), name));
        for (String name : order) {
            if (!name.equals(input)) {
                try {
                    append(
                            network,
                            name,
                            known(configuration.getVertices(), name),
                            known(configuration.getVertexInputs(), name),
                            configuration.getVertices().keySet(),
                            outputs.contains(name));
                } catch (RuntimeException e) {
                    // DL4J's exceptions about configurations have no common class, a null pointer is one of them
                    throw new IllegalArgumentException("layer " + name + ": " + reason(e), e);
                }
            }
        }
        return network.build(outputs.get(0));
    }

    private static String reason(RuntimeException e) {
        return e instanceof IllegalArgumentException || e instanceof IllegalStateException
                ? String.valueOf(e.getMessage())
                : String.valueOf(e);
    }

    private static <T> T known(Map<String, T> vertices, String name) {
        T vertex = vertices.get(name);
        if (vertex == null) {
            throw new IllegalArgumentException("no vertex named \"" + name + "\" among " + vertices.keySet());
        }
        return vertex;
    }

    /**
     * Reads a vertex as nodes of a network.
     *
     * @param names that no part of it may have
     * @param output whether it gives the network's result
     * @throws IllegalArgumentException if it breaks a rule, or DL4J does not say what it gives
     */
    public static void append(
            Network.Builder network,
            String name,
            GraphVertex whole,
            List<String> inputs,
            Set<String> names,
            boolean output) {
        GraphVertex vertex = Graphs.thawed(whole);
        List<Shape> shapes = inputs.stream().map(network::shape).toList();
        VertexBounds.check(vertex, shapes);
        String previous = inputs.get(0);
        List<Network.Node> nodes = new ArrayList<>();
        Iterator<VertexReader.Step> steps = VertexReader.read(vertex, shapes).iterator();
        for (int part = 1; steps.hasNext(); part++) {
            VertexReader.Step step = steps.next();
            if (step.op() instanceof Op.Foreign foreign && foreign.shape().equals(Shape.UNKNOWN)) {
                throw new IllegalArgumentException(
                        foreign.reason() == null ? "DL4J does not say what it gives" : foreign.reason());
            }
            String before = previous;
            List<String> read = step.inputs().stream()
                    .map(index -> index == VertexReader.PREVIOUS ? before : inputs.get(index))
                    .toList();
            String node = steps.hasNext() ? partName(name + "/" + part, names) : name;
            nodes.add(network.add(node, name, step.kind(), step.op(), read));
            previous = node;
        }
        if (!Dl4jOrigin.isSaid(whole, VertexWriter.write(nodes, network::shape, output))) {
            network.note(new Dl4jOrigin(whole), nodes);
        }
    }

    /** Vertices may have any names, also those of another's parts. */
    private static String partName(String wanted, Set<String> names) {
        return names.contains(wanted) ? partName(wanted + "_", names) : wanted;
    }
}
