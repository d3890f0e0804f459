package org.transfer4j.internal.dl4j;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** Graphs of DL4J with parameters. */
public final class Graphs {
    private Graphs() {}

    /** A graph with all parameters zero: quicker than DL4J's own initialisation, and no random numbers are drawn. */
    public static ComputationGraph instantiate(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration);
        long parameters = parameterCount(configuration);
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
        for (org.deeplearning4j.nn.api.Layer layer : graph.getLayers()) {
            Map<String, INDArray> table = layer.paramTable();
            if (table != null && !table.isEmpty()) {
                parameters.put(layer.conf().getLayer().getLayerName(), table);
            }
        }
        return parameters;
    }

    /** The layer of a vertex, or what is frozen if it is frozen; null of other vertices. */
    static @Nullable Layer layer(GraphVertex vertex) {
        return thawed(vertex) instanceof LayerVertex layer
                ? thawed(layer.getLayerConf().getLayer())
                : null;
    }

    /** What changes the shape of the input of a vertex, or is the vertex; null where nothing does. */
    static @Nullable InputPreProcessor preprocessor(GraphVertex vertex) {
        GraphVertex inner = thawed(vertex);
        return inner instanceof PreprocessorVertex alone
                ? alone.getPreProcessor()
                : inner instanceof LayerVertex layer ? layer.getPreProcessor() : null;
    }

    /** What a frozen layer wraps; other layers as they are. */
    static Layer thawed(Layer layer) {
        Layer inner = layer;
        while (inner instanceof FrozenLayer || inner instanceof FrozenLayerWithBackprop) {
            inner = inner instanceof FrozenLayer frozen
                    ? frozen.getLayer()
                    : ((FrozenLayerWithBackprop) inner).getUnderlying();
        }
        return inner;
    }

    /** A copy of a configuration; DL4J's own forgets along which axes its vertices merge. */
    static ComputationGraphConfiguration copy(ComputationGraphConfiguration configuration) {
        ComputationGraphConfiguration copy = configuration.clone();
        copy.getVertices()
                .replaceAll(
                        (name, vertex) -> keepAxis(configuration.getVertices().get(name), vertex));
        return copy;
    }

    private static GraphVertex keepAxis(@Nullable GraphVertex from, GraphVertex to) {
        if (from instanceof FrozenVertex frozen && to instanceof FrozenVertex other) {
            keepAxis(frozen.getUnderlying(), other.getUnderlying());
        } else if (from instanceof MergeVertex merge && to instanceof MergeVertex other) {
            other.setMergeAxis(merge.getMergeAxis());
        }
        return to;
    }

    /** What a frozen vertex wraps; others as they are. */
    static GraphVertex thawed(GraphVertex vertex) {
        return vertex instanceof FrozenVertex frozen ? thawed(frozen.getUnderlying()) : vertex;
    }

    /** Whether a layer says that its images are [N, H, W, C]. */
    static boolean isChannelsLast(GraphVertex vertex) {
        Layer layer = layer(vertex);
        @Nullable CNN2DFormat format = null;
        if (layer instanceof ConvolutionLayer convolution) {
            format = convolution.getCnn2dDataFormat();
        } else if (layer instanceof SubsamplingLayer pooling) {
            format = pooling.getCnn2dDataFormat();
        } else if (layer instanceof BatchNormalization normalization) {
            format = normalization.getCnn2DFormat();
        } else if (layer instanceof ZeroPaddingLayer padding) {
            format = padding.getDataFormat();
        } else if (layer instanceof Cropping2D cropping) {
            format = cropping.getDataFormat();
        } else if (layer instanceof Upsampling2D upsampling) {
            format = upsampling.getFormat();
        } else if (layer instanceof SpaceToDepthLayer blocks) {
            format = blocks.getDataFormat();
        }
        return format == CNN2DFormat.NHWC;
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
