package org.transfer4j.internal.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.transfer4j.internal.dl4j.Dl4jParameters.Source;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Step;
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
        Set<String> order = Network.inOrder(
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
        List<Step<Map<String, Source>>> steps = VertexReader.read(vertex, shapes);
        if (steps.get(0).op() instanceof Op.Foreign foreign && foreign.shape().equals(Shape.UNKNOWN)) {
            throw new IllegalArgumentException(
                    foreign.reason() == null ? "DL4J does not say what it gives" : foreign.reason());
        }
        List<Network.Node> nodes = network.addLayer(name, steps, inputs, names::contains);
        if (!Dl4jOrigin.isSaid(whole, VertexWriter.write(nodes, network::shape, output))) {
            network.note(new Dl4jOrigin(whole), nodes);
        }
    }
}
