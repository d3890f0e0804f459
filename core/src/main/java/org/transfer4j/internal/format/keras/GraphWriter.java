package org.transfer4j.internal.format.keras;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/** Collects the vertices of DL4J's graph, and what a network that large would need. */
final class GraphWriter {
    /** An image of one layer with more numbers than these, 1 GiB, is no network for this library. */
    private static final long LARGEST_OUTPUT = 1L << 28;

    private final ComputationGraphConfiguration.GraphBuilder graph;
    private final Set<String> names = new HashSet<>();
    private final List<KerasModelWeights.LayerArrays> stored = new ArrayList<>();
    private final Value input;
    private long parameters;

    GraphWriter(String input, int height, int width) {
        this.input = Value.image(input, height, width, 3);
        this.graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.RELU_UNIFORM)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs(input)
                .setInputTypes(InputType.convolutional(height, width, 3));
        names.add(input);
    }

    Value input() {
        return input;
    }

    /** Adds a layer of DL4J that computes an image. */
    Value layer(LayerDescription layer, Layer made, Value from, int height, int width, int channels) {
        Value output = output(layer, layer.name(), height, width, channels);
        graph.addLayer(output.vertex(), made, from.vertex());
        return output;
    }

    /** Adds a helper of a layer, a vertex of a name of its own. */
    Value helper(LayerDescription layer, String suffix, Layer made, Value from, int height, int width, int channels) {
        Value output = output(layer, layer.name() + suffix, height, width, channels);
        graph.addLayer(output.vertex(), made, from.vertex());
        return output;
    }

    Value vertex(LayerDescription layer, GraphVertex made, List<Value> from, int channels) {
        Value first = from.get(0);
        Value output = output(layer, layer.name(), first.height(), first.width(), channels);
        graph.addVertex(output.vertex(), made, from.stream().map(Value::vertex).toArray(String[]::new));
        return output;
    }

    private Value output(LayerDescription layer, String name, int height, int width, int channels) {
        if (height < 1 || width < 1) {
            throw layer.refused("nothing is left of an input of " + input.height() + "x" + input.width()
                    + ": its output would be of " + height + "x" + width);
        }
        if ((long) height * width > LARGEST_OUTPUT / channels) {
            throw layer.refused("its output for one image, [" + height + ", " + width + ", " + channels
                    + "], has more than " + LARGEST_OUTPUT + " numbers");
        }
        if (!names.add(name)) {
            throw layer.refused("two vertices would be called " + name);
        }
        return Value.image(name, height, width, channels);
    }

    /** Says what the file holds of a layer, and how many numbers it has. */
    void stores(LayerDescription layer, List<String> arrays, boolean depthwise, long count) {
        stored.add(new KerasModelWeights.LayerArrays(layer.name(), arrays, depthwise));
        parameters += count;
    }

    List<KerasModelWeights.LayerArrays> stored() {
        return stored;
    }

    /** The number of all layers' parameters. No single layer is large enough for a sum that overflows. */
    long parameters() {
        return parameters;
    }

    ComputationGraphConfiguration build(String output) {
        return graph.setOutputs(output).validateOutputLayerConfig(false).build();
    }
}
