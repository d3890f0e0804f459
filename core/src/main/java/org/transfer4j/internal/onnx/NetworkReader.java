package org.transfer4j.internal.onnx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Goes through a network from its output down, each vertex once, and writes its nodes in the order of computation. */
final class NetworkReader {
    private final ComputationGraphConfiguration network;
    private final Map<String, Map<String, INDArray>> parameters;
    private final OnnxGraph graph;
    private final Map<String, Value> values = new HashMap<>();

    private NetworkReader(
            ComputationGraphConfiguration network, Map<String, Map<String, INDArray>> parameters, OnnxGraph graph) {
        this.network = network;
        this.parameters = parameters;
        this.graph = graph;
    }

    /**
     * Appends a network with one input and one output.
     *
     * @param parameters by layer and DL4J's name
     * @param images what the network's first layer reads
     * @return its output
     */
    static Value append(
            ComputationGraphConfiguration network,
            Map<String, Map<String, INDArray>> parameters,
            OnnxGraph graph,
            Value images) {
        List<String> inputs = network.getNetworkInputs();
        List<String> outputs = network.getNetworkOutputs();
        if (inputs.size() != 1 || outputs.size() != 1) {
            throw new UnsupportedOperationException("the network can't be exported to ONNX: it must have one input and"
                    + " one output, but has " + inputs + " and " + outputs);
        }
        NetworkReader reader = new NetworkReader(network, parameters, graph);
        reader.values.put(inputs.get(0), images);
        return reader.value(outputs.get(0));
    }

    /** Not by recursion: networks may be deeper than the stack. */
    private Value value(String output) {
        Deque<String> waiting = new ArrayDeque<>(List.of(output));
        while (!values.containsKey(output)) {
            String name = waiting.getFirst();
            List<String> inputs =
                    Objects.requireNonNull(network.getVertexInputs().get(name), name);
            Optional<String> missing =
                    inputs.stream().filter(input -> !values.containsKey(input)).findFirst();
            if (missing.isPresent()) {
                waiting.push(missing.get());
            } else {
                values.put(name, convert(name, inputs));
                waiting.pop();
            }
        }
        return Objects.requireNonNull(values.get(output));
    }

    private Value convert(String name, List<String> inputs) {
        return convert(
                name,
                Objects.requireNonNull(network.getVertices().get(name), name),
                inputs.stream()
                        .map(input -> Objects.requireNonNull(values.get(input), input))
                        .toList());
    }

    private Value convert(String name, GraphVertex vertex, List<Value> inputs) {
        if (vertex instanceof FrozenVertex frozen) {
            return convert(name, frozen.getUnderlying(), inputs);
        }
        if (!(vertex instanceof LayerVertex layer)) {
            return VertexConversions.convert(new VertexSite(name, vertex, inputs, graph));
        }
        Value input = layer.getPreProcessor() == null
                ? inputs.get(0)
                : Reshaping.preprocess(graph, name, layer.getPreProcessor(), inputs.get(0));
        return LayerConversions.convert(new LayerSite(
                name,
                LayerConversions.thawed(layer.getLayerConf().getLayer()),
                parameters.getOrDefault(name, Map.of()),
                input,
                graph));
    }
}
