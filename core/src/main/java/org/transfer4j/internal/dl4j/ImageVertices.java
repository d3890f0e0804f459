package org.transfer4j.internal.dl4j;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.transfer4j.internal.network.DependencyOrder;

/** Which vertices of a graph give images; seen from their kinds, whatever the size of the input. */
final class ImageVertices {
    private final ComputationGraphConfiguration graph;
    private final Map<String, Boolean> images = new HashMap<>();

    ImageVertices(ComputationGraphConfiguration graph) {
        this.graph = graph;
        graph.getNetworkInputs().forEach(input -> images.put(input, true));
        Set<String> ordered = DependencyOrder.of(graph.getVertices().keySet(), this::inputs);
        for (String name : ordered) {
            GraphVertex vertex = graph.getVertices().get(name);
            if (vertex != null) {
                images.put(name, givesImages(vertex, inputs(name)));
            }
        }
    }

    List<String> inputs(String name) {
        return graph.getVertexInputs().getOrDefault(name, List.of());
    }

    private boolean givesImages(GraphVertex vertex, List<String> inputs) {
        boolean images = inputs.stream().allMatch(input -> this.images.getOrDefault(input, false));
        InputPreProcessor preprocessor = Graphs.preprocessor(vertex);
        boolean prepared = preprocessor instanceof FeedForwardToCnnPreProcessor
                || (images && !(preprocessor instanceof CnnToFeedForwardPreProcessor));
        Layer layer = Graphs.layer(vertex);
        return layer == null ? prepared : givesImages(layer, prepared);
    }

    private static boolean givesImages(Layer layer, boolean input) {
        boolean top = isOutput(layer) || layer instanceof DenseLayer || layer instanceof EmbeddingLayer;
        if (layer instanceof GlobalPoolingLayer pooling) {
            return input && !pooling.isCollapseDimensions();
        }
        return layer instanceof ConvolutionLayer || (input && !top);
    }

    private static boolean isOutput(Layer layer) {
        return layer instanceof BaseOutputLayer || layer instanceof LossLayer || layer instanceof CnnLossLayer;
    }

    /** Whether its images are [N, H, W, C]: one layer says it for all, as some have no such setting. */
    boolean areChannelsLast() {
        return graph.getVertices().values().stream().anyMatch(Graphs::isChannelsLast);
    }

    boolean isImage(String vertex) {
        return !graph.getNetworkInputs().contains(vertex) && images.getOrDefault(vertex, false);
    }

    /** The last vertex that gives images, on the way back from the output. */
    String last() {
        List<String> outputs = graph.getNetworkOutputs();
        if (outputs.size() != 1) {
            throw new IllegalArgumentException(
                    "a backbone has one output, but the network has " + outputs + "; upTo(layer) says where it ends");
        }
        String name = outputs.get(0);
        while (!isImage(name)) {
            List<String> inputs = inputs(name);
            if (inputs.isEmpty()) {
                throw new IllegalArgumentException("a backbone has layers that give images, but the network has none");
            }
            if (inputs.size() != 1) {
                throw new IllegalArgumentException("above the network's images several branches meet, at " + name
                        + " of " + inputs + "; upTo(layer) says where the backbone ends");
            }
            name = inputs.get(0);
        }
        return name;
    }

    /** Whether the network's own top averages images or flattens them; empty where nothing is done to them. */
    Optional<Boolean> averaged(String last) {
        for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
            if (inputs(vertex.getKey()).equals(List.of(last))) {
                if (Graphs.layer(vertex.getValue()) instanceof GlobalPoolingLayer) {
                    return Optional.of(true);
                }
                if (Graphs.thawed(vertex.getValue()) instanceof LayerVertex layer
                        && layer.getPreProcessor() instanceof CnnToFeedForwardPreProcessor) {
                    return Optional.of(false);
                }
            }
        }
        return Optional.empty();
    }
}
