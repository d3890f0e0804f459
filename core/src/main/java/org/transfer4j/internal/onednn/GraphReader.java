package org.transfer4j.internal.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Reads topology and weights of a graph with one input and one output, vertex by vertex. */
final class GraphReader {
    private final ComputationGraph graph;
    private final ProgramBuilder program;
    private final Map<String, Value> values = new HashMap<>();

    private GraphReader(ComputationGraph graph, ImageShape inputShape) {
        this.graph = graph;
        this.program = new ProgramBuilder(inputShape);
    }

    static Program read(ComputationGraph graph, ImageShape inputShape) throws UnsupportedGraphException {
        return new GraphReader(graph, inputShape).read();
    }

    private Program read() throws UnsupportedGraphException {
        if (graph.getVertices() == null) {
            throw new IllegalArgumentException("the graph has no weights yet: call init() first");
        }
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        List<String> inputs = configuration.getNetworkInputs();
        List<String> outputs = configuration.getNetworkOutputs();
        if (inputs.size() != 1 || outputs.size() != 1) {
            throw new UnsupportedGraphException("needs one input and one output, has " + inputs + " and " + outputs);
        }
        values.put(inputs.get(0), program.input());
        for (int index : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[index].getVertexName();
            if (!values.containsKey(name)) {
                values.put(name, lower(name, vertexOf(configuration, name), inputsOf(configuration, name)));
            }
        }
        return program.build(valueOf(outputs.get(0)));
    }

    private static GraphVertex vertexOf(ComputationGraphConfiguration configuration, String name) {
        return Objects.requireNonNull(configuration.getVertices().get(name), name);
    }

    private List<Value> inputsOf(ComputationGraphConfiguration configuration, String name) {
        List<String> names =
                Objects.requireNonNull(configuration.getVertexInputs().get(name), name);
        return names.stream().map(this::valueOf).toList();
    }

    private Value valueOf(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the graph is not in topological order at '" + name + "'");
        }
        return value;
    }

    private Value lower(String name, GraphVertex vertex, List<Value> inputs) throws UnsupportedGraphException {
        if (vertex instanceof FrozenVertex frozen) {
            return lower(name, frozen.getUnderlying(), inputs);
        }
        if (vertex instanceof LayerVertex layer) {
            Layer settings = LayerLowerings.thawed(layer.getLayerConf().getLayer());
            Value input = preprocessed(name, layer.getPreProcessor(), inputs.get(0));
            return LayerLowerings.lower(
                    new LayerSite(name, settings, graph.getLayer(name).paramTable(), input, program));
        }
        if (vertex instanceof PreprocessorVertex preprocessor) {
            return preprocessed(name, preprocessor.getPreProcessor(), inputs.get(0));
        }
        return VertexLowerings.lower(new VertexSite(name, vertex, inputs, program));
    }

    private static Value preprocessed(String name, InputPreProcessor preprocessor, Value input)
            throws UnsupportedGraphException {
        if (preprocessor == null) {
            return input;
        }
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten && flatten.getFormat() == CNN2DFormat.NCHW) {
            return input.flattened();
        }
        if (preprocessor instanceof FeedForwardToCnnPreProcessor image && restores(image, input)) {
            return input.unflattened();
        }
        throw UnsupportedGraphException.layer(name, preprocessor, "this kind of preprocessor is not compiled");
    }

    private static boolean restores(FeedForwardToCnnPreProcessor preprocessor, Value input) {
        ImageShape shape = input.shape();
        return preprocessor.getNumChannels() == shape.channels()
                && preprocessor.getInputHeight() == shape.height()
                && preprocessor.getInputWidth() == shape.width();
    }
}
