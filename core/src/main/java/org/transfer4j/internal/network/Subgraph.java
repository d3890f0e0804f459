package org.transfer4j.internal.network;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;

/** Parts of a graph as graphs of their own. */
final class Subgraph {
    private Subgraph() {}

    /** The vertex and all that it depends on, without the network's inputs, in topological order. */
    static Set<String> upTo(ComputationGraphConfiguration graph, String vertex) {
        Set<String> needed = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(vertex));
        while (!open.isEmpty()) {
            String next = open.pop();
            if (!graph.getNetworkInputs().contains(next) && needed.add(next)) {
                open.addAll(Vertices.inputs(graph, next));
            }
        }
        Set<String> ordered = Vertices.inOrder(graph);
        ordered.retainAll(needed);
        return ordered;
    }

    /**
     * Whether everything above the vertex reaches what is below it through the vertex alone, so that its output is all
     * that the upper part needs.
     */
    static boolean isCutPoint(ComputationGraphConfiguration graph, String vertex) {
        Set<String> below = upTo(graph, vertex);
        for (Map.Entry<String, List<String>> entry : graph.getVertexInputs().entrySet()) {
            if (!below.contains(entry.getKey())) {
                for (String input : entry.getValue()) {
                    boolean fromBelow =
                            below.contains(input) || graph.getNetworkInputs().contains(input);
                    if (fromBelow && !input.equals(vertex)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** The part up to and with the vertex. */
    static ComputationGraphConfiguration below(ComputationGraphConfiguration graph, String vertex) {
        ComputationGraphConfiguration.GraphBuilder part = newGraph().addInputs(graph.getNetworkInputs());
        copyVertices(graph, upTo(graph, vertex), part);
        return part.setOutputs(vertex).validateOutputLayerConfig(false).build();
    }

    /** The part above the vertex, whose output becomes the input of the same name. */
    static ComputationGraphConfiguration above(ComputationGraphConfiguration graph, String vertex) {
        Set<String> vertices = Vertices.inOrder(graph);
        vertices.removeAll(upTo(graph, vertex));
        ComputationGraphConfiguration.GraphBuilder part = newGraph().addInputs(vertex);
        copyVertices(graph, vertices, part);
        return part.setOutputs(graph.getNetworkOutputs().toArray(String[]::new)).build();
    }

    static void copyVertices(
            ComputationGraphConfiguration from,
            Collection<String> vertices,
            ComputationGraphConfiguration.GraphBuilder to) {
        for (String name : Vertices.inOrder(from)) {
            if (vertices.contains(name)) {
                GraphVertex copy = Vertices.vertex(from, name).clone();
                to.addVertex(name, copy, Vertices.inputs(from, name).toArray(String[]::new));
            }
        }
    }

    private static ComputationGraphConfiguration.GraphBuilder newGraph() {
        return new NeuralNetConfiguration.Builder().dataType(DataType.FLOAT).graphBuilder();
    }
}
