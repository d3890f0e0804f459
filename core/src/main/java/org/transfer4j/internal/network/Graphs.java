package org.transfer4j.internal.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** Graphs with parameters, and parameters by layer and name. */
public final class Graphs {
    private Graphs() {}

    /** A graph with all parameters zero: quicker than DL4J's own initialisation, and no random numbers are drawn. */
    public static ComputationGraph instantiate(ComputationGraphConfiguration configuration) {
        return initialize(new ComputationGraph(configuration));
    }

    /** Initialises a new graph with all parameters zero. */
    public static <G extends ComputationGraph> G initialize(G graph) {
        long parameters = parameterCount(graph.getConfiguration());
        graph.init(parameters == 0 ? null : Nd4j.zeros(DataType.FLOAT, 1, parameters), false);
        return graph;
    }

    /** The number of parameters of all layers. */
    public static long parameterCount(ComputationGraphConfiguration configuration) {
        return configuration.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(true))
                .sum();
    }

    /** The graph's parameters as views: layer, then parameter as DL4J names it, in DL4J's shapes. */
    public static Map<String, Map<String, INDArray>> parameters(ComputationGraph graph) {
        if (graph.getLayers() == null) {
            throw new IllegalArgumentException("the graph has no weights yet: call init() first");
        }
        Map<String, Map<String, INDArray>> parameters = new LinkedHashMap<>();
        for (Layer layer : graph.getLayers()) {
            Map<String, INDArray> table = layer.paramTable();
            if (table != null && !table.isEmpty()) {
                parameters.put(layer.conf().getLayer().getLayerName(), table);
            }
        }
        return parameters;
    }

    /** Copies parameters into the layers of the same names; both sides may have layers that the other has not. */
    public static void copy(Map<String, ? extends Map<String, INDArray>> from, ComputationGraph to) {
        copy(from, parameters(to));
    }

    /** Copies parameters into those of the same names; both sides may have layers that the other has not. */
    public static void copy(
            Map<String, ? extends Map<String, INDArray>> from, Map<String, ? extends Map<String, INDArray>> to) {
        to.forEach((layer, parameters) -> {
            Map<String, INDArray> source = from.get(layer);
            if (source != null) {
                parameters.forEach((name, value) -> value.assign(source.get(name)));
            }
        });
    }

    /** Gives every layer a clone of an updater. */
    public static void setUpdater(ComputationGraphConfiguration configuration, IUpdater updater) {
        setUpdater(configuration, layer -> updater.clone());
    }

    /** Gives every layer an updater of its own, by its name. */
    public static void setUpdater(ComputationGraphConfiguration configuration, Function<String, IUpdater> updaters) {
        for (GraphVertex vertex : configuration.getVertices().values()) {
            if (vertex instanceof LayerVertex layerVertex
                    && layerVertex.getLayerConf().getLayer() instanceof BaseLayer layer) {
                layer.setIUpdater(updaters.apply(layer.getLayerName()));
                layer.setBiasUpdater(null);
            }
        }
    }
}
