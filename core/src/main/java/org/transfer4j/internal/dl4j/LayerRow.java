package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Layers in a row as a graph. Layers without a name are called after their number. */
final class LayerRow {
    private static final String INPUT = "input";

    private final MultiLayerConfiguration layers;
    private final List<String> names = new ArrayList<>();

    LayerRow(MultiLayerConfiguration layers) {
        this.layers = layers;
        Set<String> used = new HashSet<>(Set.of(INPUT));
        for (int i = 0; i < layers.getConfs().size(); i++) {
            // DL4J's getter is not annotated: a layer may have no name
            String own = layers.getConf(i).getLayer().getLayerName();
            String name = own == null || own.isBlank() ? "layer" + i : own;
            if (!used.add(name)) {
                throw new IllegalArgumentException("a network has no two layers of one name, but two called " + name);
            }
            names.add(name);
        }
    }

    String name(int number) {
        return names.get(number);
    }

    ComputationGraphConfiguration graph() {
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
}
