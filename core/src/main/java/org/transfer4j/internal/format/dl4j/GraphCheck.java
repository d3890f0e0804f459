package org.transfer4j.internal.format.dl4j;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.format.MalformedModelException;

/** Checks that a configuration from a file is a graph: DL4J would take any and fail later, with a null pointer. */
final class GraphCheck {
    private final ComputationGraphConfiguration configuration;

    GraphCheck(ComputationGraphConfiguration configuration) {
        this.configuration = configuration;
    }

    void check() throws MalformedModelException {
        // DL4J's getters are not annotated: each of these is null where the file has nothing
        require(
                configuration.getVertices() != null
                        && configuration.getVertexInputs() != null
                        && configuration.getNetworkInputs() != null
                        && configuration.getNetworkOutputs() != null,
                "a network must have vertices, vertexInputs, networkInputs and networkOutputs");
        Map<String, GraphVertex> vertices = configuration.getVertices();
        for (Map.Entry<String, GraphVertex> vertex : vertices.entrySet()) {
            require(isComplete(vertex.getValue()), "the vertex " + vertex.getKey() + " has no layer");
            List<String> inputs = configuration.getVertexInputs().getOrDefault(vertex.getKey(), List.of());
            require(!inputs.isEmpty(), "the vertex " + vertex.getKey() + " has no input");
            for (String input : inputs) {
                require(
                        vertices.containsKey(input)
                                || configuration.getNetworkInputs().contains(input),
                        "the vertex " + vertex.getKey() + " has the input " + input + ", which is not there");
            }
        }
        require(!configuration.getNetworkOutputs().isEmpty(), "a network must have an output");
        for (String output : configuration.getNetworkOutputs()) {
            require(vertices.containsKey(output), "the output " + output + " is not there");
        }
    }

    static boolean isComplete(@Nullable GraphVertex vertex) {
        if (vertex instanceof LayerVertex layer) {
            return layer.getLayerConf() != null && layer.getLayerConf().getLayer() != null;
        }
        return vertex != null;
    }

    private static void require(boolean holds, String rule) throws MalformedModelException {
        if (!holds) {
            throw new MalformedModelException(TopologyReader.NAME + ": " + rule);
        }
    }
}
