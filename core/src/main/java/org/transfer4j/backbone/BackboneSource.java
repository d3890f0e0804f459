package org.transfer4j.backbone;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network of someone else's making that a backbone is taken from, topology and weights. */
public sealed interface BackboneSource {
    /**
     * A model that Keras saved.
     *
     * @param file a {@code .keras} file, or an {@code .h5} file of a whole model; read where a learner takes the backbone
     */
    record KerasModel(Path file) implements BackboneSource {
        /**
         * A description for logs.
         *
         * @return "Keras model" and the path
         */
        @Override
        public String toString() {
            return "Keras model " + file;
        }
    }

    /**
     * A network that DL4J's {@code ModelSerializer} saved.
     *
     * @param file the zip file; read where a learner takes the backbone
     */
    record Dl4jModel(Path file) implements BackboneSource {
        /**
         * A description for logs.
         *
         * @return "DL4J model" and the path
         */
        @Override
        public String toString() {
            return "DL4J model " + file;
        }
    }

    /**
     * A graph of DL4J.
     *
     * @param configuration a copy of its configuration
     * @param parameters copies of its parameters in float, by vertex and by DL4J's names
     */
    record Dl4jGraph(ComputationGraphConfiguration configuration, Map<String, Map<String, INDArray>> parameters)
            implements BackboneSource {
        /** Copies a network, which may be changed or trained on afterwards. */
        static Dl4jGraph of(ComputationGraph network) {
            Map<String, Map<String, INDArray>> parameters = new LinkedHashMap<>();
            for (Layer layer : initialized(network.getLayers())) {
                parameters.put(layer.conf().getLayer().getLayerName(), copies(layer));
            }
            return new Dl4jGraph(network.getConfiguration().clone(), parameters);
        }

        /**
         * A description for logs.
         *
         * @return "DL4J ComputationGraph"
         */
        @Override
        public String toString() {
            return "DL4J ComputationGraph";
        }
    }

    /**
     * A network of DL4J whose layers are in a row.
     *
     * @param configuration a copy of its configuration
     * @param parameters copies of its parameters in float, by the layer's number from 0 and by DL4J's names
     */
    record Dl4jLayers(MultiLayerConfiguration configuration, Map<Integer, Map<String, INDArray>> parameters)
            implements BackboneSource {
        /** Copies a network, which may be changed or trained on afterwards. */
        static Dl4jLayers of(MultiLayerNetwork network) {
            Map<Integer, Map<String, INDArray>> parameters = new LinkedHashMap<>();
            Layer[] layers = initialized(network.getLayers());
            for (int i = 0; i < layers.length; i++) {
                parameters.put(i, copies(layers[i]));
            }
            return new Dl4jLayers(network.getLayerWiseConfigurations().clone(), parameters);
        }

        /**
         * A description for logs.
         *
         * @return "DL4J MultiLayerNetwork"
         */
        @Override
        public String toString() {
            return "DL4J MultiLayerNetwork";
        }
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
}
