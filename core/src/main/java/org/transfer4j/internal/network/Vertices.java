package org.transfer4j.internal.network;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;

/** A graph's vertices by names that are known to be there. */
public final class Vertices {
    private Vertices() {}

    /**
     * The vertices, without the network's inputs, each after all that it depends on. DL4J works its own order out only
     * when a network is initialised.
     */
    static Set<String> inOrder(ComputationGraphConfiguration graph) {
        Set<String> ordered = DependencyOrder.of(
                graph.getVertices().keySet(),
                name -> graph.getNetworkInputs().contains(name) ? List.of() : inputs(graph, name));
        ordered.removeAll(graph.getNetworkInputs());
        return ordered;
    }

    static GraphVertex vertex(ComputationGraphConfiguration graph, String name) {
        return known(graph.getVertices(), name);
    }

    static List<String> inputs(ComputationGraphConfiguration graph, String name) {
        return known(graph.getVertexInputs(), name);
    }

    static InputType outputType(ComputationGraphConfiguration graph, InputType input, String name) {
        return known(graph.getLayerActivationTypes(input), name);
    }

    /** The shape of a vertex' output for one image, without the batch dimension. */
    public static long[] outputShape(ComputationGraphConfiguration graph, InputType input, String name) {
        return shape(outputType(graph, input, name));
    }

    /** The names of the depthwise convolutions, whose kernels are [height, width, in, multiplier]. */
    public static Set<String> depthwiseConvolutions(ComputationGraphConfiguration graph) {
        return graph.getVertices().keySet().stream()
                .filter(name -> vertex(graph, name) instanceof LayerVertex layer
                        && layer.getLayerConf().getLayer() instanceof DepthwiseConvolution2D)
                .collect(Collectors.toUnmodifiableSet());
    }

    static long[] shape(InputType type) {
        long[] withBatch = type.getShape(true);
        return Arrays.copyOfRange(withBatch, 1, withBatch.length);
    }

    static <T> T known(Map<String, T> vertices, String name) {
        T vertex = vertices.get(name);
        if (vertex == null) {
            throw new IllegalArgumentException("no vertex named \"" + name + "\" among " + vertices.keySet());
        }
        return vertex;
    }
}
