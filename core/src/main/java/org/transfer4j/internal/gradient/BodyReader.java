package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;

/**
 * Reads the body of a graph: as many vertices as there are operations for, counted from the input, and cut where a
 * single value leads on to the rest.
 */
final class BodyReader {
    private final ComputationGraph graph;
    private final List<Body.Node> nodes = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<Integer, Integer> nodeOfVertex = new HashMap<>();

    private BodyReader(ComputationGraph graph) {
        this.graph = graph;
    }

    /** Empty where there is no convolution to gain from. The graph's gradients must have their flat array already. */
    static Optional<Body> read(ComputationGraph graph) {
        return graph.getNumInputArrays() == 1 ? new BodyReader(graph).body() : Optional.empty();
    }

    private Optional<Body> body() {
        GraphVertex[] vertices = graph.getVertices();
        int[] order = graph.topologicalSortOrder();
        int kept = 0;
        int keptVertices = 0;
        List<Integer> read = new ArrayList<>();
        for (int index : order) {
            GraphVertex vertex = vertices[index];
            if (vertex.isInputVertex()) {
                nodeOfVertex.put(index, Body.INPUT);
            } else if (!vertex.isOutputVertex() && append(vertex)) {
                read.add(index);
                if (leadsOnAlone(index, read)) {
                    kept = nodes.size();
                    keptVertices = read.size();
                }
            } else {
                break;
            }
        }
        return convolves(nodes.subList(0, kept)) ? Optional.of(cut(kept, keptVertices)) : Optional.empty();
    }

    private static boolean convolves(List<Body.Node> nodes) {
        return nodes.stream().anyMatch(node -> node.operation() instanceof Convolution);
    }

    private Body cut(int nodeCount, int vertexCount) {
        List<String> vertices = names.subList(0, vertexCount);
        return new Body(List.copyOf(nodes.subList(0, nodeCount)), Set.copyOf(vertices), vertices.get(vertexCount - 1));
    }

    /** Whether, of all vertices read so far and the input, only this one is read by others yet to come. */
    private boolean leadsOnAlone(int index, List<Integer> read) {
        Set<Integer> known = new HashSet<>(read);
        GraphVertex[] vertices = graph.getVertices();
        return Stream.of(vertices)
                .filter(vertex -> vertex.isInputVertex() || known.contains(vertex.getVertexIndex()))
                .filter(vertex -> vertex.getVertexIndex() != index)
                .flatMap(BodyReader::readers)
                .allMatch(known::contains);
    }

    private static Stream<Integer> readers(GraphVertex vertex) {
        VertexIndices[] outputs = vertex.getOutputVertices();
        return outputs == null
                ? Stream.of()
                : Stream.of(outputs).map(VertexIndices::getVertexIndex).distinct();
    }

    private boolean append(GraphVertex vertex) {
        List<Integer> inputs = new ArrayList<>();
        for (VertexIndices input : vertex.getInputVertices()) {
            Integer node = nodeOfVertex.get(input.getVertexIndex());
            if (node == null) {
                return false;
            }
            inputs.add(node);
        }
        Optional<Operation> operation =
                Operations.of(vertex, graph.getConfiguration().getVertices().get(vertex.getVertexName()));
        operation.ifPresent(made -> {
            nodeOfVertex.put(vertex.getVertexIndex(), place(made, inputs));
            names.add(vertex.getVertexName());
        });
        return operation.isPresent();
    }

    /** The index of the node that gives the operation's output: one of its own, or that of the layer it merges with. */
    private int place(Operation operation, List<Integer> inputs) {
        int below = inputs.get(0);
        if (operation instanceof Rectification rectification
                && rectification.rectifier().isUnbounded()
                && below == nodes.size() - 1
                && below != Body.INPUT
                && readOnce(below)) {
            Optional<Operation> merged = rectified(nodes.get(below).operation());
            if (merged.isPresent()) {
                nodes.set(below, new Body.Node(merged.get(), nodes.get(below).inputs()));
                return below;
            }
        }
        nodes.add(new Body.Node(sharingMask(operation, below), inputs));
        return nodes.size() - 1;
    }

    /** A maximum right above ReLU, and nobody else, takes over its part in the backward pass. */
    private Operation sharingMask(Operation operation, int below) {
        if (operation instanceof Pooling pooling
                && pooling.maximum()
                && below != Body.INPUT
                && nodes.get(below).operation() instanceof Convolution convolution
                && convolution.rectified()
                && readOnce(below)) {
            nodes.set(
                    below,
                    new Body.Node(convolution.thenMasked(), nodes.get(below).inputs()));
            return pooling.thatMasks();
        }
        return operation;
    }

    private boolean readOnce(int node) {
        return Stream.of(graph.getVertices())
                        .filter(vertex -> Integer.valueOf(node).equals(nodeOfVertex.get(vertex.getVertexIndex())))
                        .flatMap(BodyReader::readers)
                        .count()
                == 1;
    }

    private static Optional<Operation> rectified(Operation operation) {
        if (operation instanceof Convolution convolution && !convolution.rectified()) {
            return Optional.of(convolution.thenRectified());
        }
        if (operation instanceof Normalization normalization && !normalization.rectified()) {
            return Optional.of(normalization.thenRectified());
        }
        return Optional.empty();
    }
}
