package org.transfer4j.internal.network;

import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** What kinds of layers are called in a summary: Keras' names for those that Keras has, DL4J's for the others. */
final class LayerTypes {
    private LayerTypes() {}

    static String of(GraphVertex vertex) {
        if (vertex instanceof LayerVertex layer) {
            return of(layer.getLayerConf().getLayer());
        }
        return vertex instanceof PreprocessorVertex
                ? "Flatten"
                : vertex.getClass().getSimpleName().replaceFirst("Vertex$", "");
    }

    private static String of(Layer layer) {
        if (layer.getClass() == ConvolutionLayer.class) {
            return "Conv2D";
        }
        if (layer instanceof SubsamplingLayer pooling) {
            return switch (pooling.getPoolingType()) {
                case MAX -> "MaxPooling2D";
                case AVG -> "AveragePooling2D";
                default -> "Pooling2D";
            };
        }
        if (layer instanceof GlobalPoolingLayer) {
            return "GlobalAveragePooling2D";
        }
        if (layer instanceof DenseLayer || layer instanceof OutputLayer) {
            return "Dense";
        }
        return layer.getClass().getSimpleName().replaceFirst("Layer$", "");
    }
}
