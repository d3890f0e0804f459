package org.transfer4j.internal.dl4j;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network of DL4J with its parameters.
 *
 * @param name for errors
 * @param configuration of the whole network
 * @param parameters in float, by vertex and by DL4J's names
 */
public record SourceNetwork(
        String name, ComputationGraphConfiguration configuration, Map<String, Map<String, INDArray>> parameters) {
    private static final String INPUT = "input";

    /**
     * A copy of a graph in float; the graph may be changed or trained on afterwards.
     *
     * @throws IllegalArgumentException if it is not initialised
     */
    public static SourceNetwork of(String name, ComputationGraph network) {
        Map<String, Map<String, INDArray>> parameters = new HashMap<>();
        for (Layer layer : initialized(network.getLayers())) {
            parameters.put(layer.conf().getLayer().getLayerName(), copies(layer));
        }
        return new SourceNetwork(name, Graphs.copy(network.getConfiguration()), parameters);
    }

    /**
     * The same of layers in a row.
     *
     * @throws IllegalArgumentException if they are not initialised
     */
    public static SourceNetwork of(String name, MultiLayerNetwork network) {
        Layer[] layers = initialized(network.getLayers());
        MultiLayerConfiguration row = network.getLayerWiseConfigurations();
        List<String> names = names(row);
        Map<String, Map<String, INDArray>> parameters = new HashMap<>();
        for (int i = 0; i < layers.length; i++) {
            parameters.put(names.get(i), copies(layers[i]));
        }
        return new SourceNetwork(name, graph(row.clone()), parameters);
    }

    /** DL4J has no layers before init. */
    private static Layer[] initialized(Layer @Nullable [] layers) {
        if (layers == null) {
            throw new IllegalArgumentException("a network to transfer from must have weights, call init() first");
        }
        return layers;
    }

    private static Map<String, INDArray> copies(Layer layer) {
        Map<String, INDArray> copies = new LinkedHashMap<>();
        Map<String, INDArray> table = layer.paramTable();
        if (table != null) {
            table.forEach((name, value) ->
                    copies.put(name, value.castTo(DataType.FLOAT).dup('c')));
        }
        return copies;
    }

    /** Layers in a row as a graph. Layers without a name are called after their number. */
    static ComputationGraphConfiguration graph(MultiLayerConfiguration layers) {
        List<String> names = names(layers);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a network has layers, got one without");
        }
        ComputationGraphConfiguration.GraphBuilder graph =
                new NeuralNetConfiguration.Builder().graphBuilder().addInputs(INPUT);
        String previous = INPUT;
        for (int i = 0; i < names.size(); i++) {
            NeuralNetConfiguration configuration = layers.getConf(i).clone();
            configuration.getLayer().setLayerName(names.get(i));
            graph.addVertex(names.get(i), new LayerVertex(configuration, layers.getInputPreProcess(i)), previous);
            previous = names.get(i);
        }
        return graph.setOutputs(previous).validateOutputLayerConfig(false).build();
    }

    private static List<String> names(MultiLayerConfiguration layers) {
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < layers.getConfs().size(); i++) {
            // DL4J's getter is not annotated: a layer may have no name
            String own = layers.getConf(i).getLayer().getLayerName();
            String name = own == null || own.isBlank() ? "layer" + i : own;
            if (name.equals(INPUT) || !names.add(name)) {
                throw new IllegalArgumentException("a network has no two layers of one name, but two called " + name);
            }
        }
        return List.copyOf(names);
    }
}
