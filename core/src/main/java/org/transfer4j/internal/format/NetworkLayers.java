package org.transfer4j.internal.format;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/** The layers of a network that want weights, and how they may be called in files. */
public final class NetworkLayers {
    private final List<LayerShapes> wanted;
    private final Set<String> all;
    private final List<Map<String, String>> torchNames;
    private final boolean padsAtTheEnd;

    public NetworkLayers(
            List<LayerShapes> wanted,
            Collection<String> all,
            List<Map<String, String>> torchNames,
            boolean padsAtTheEnd) {
        this.wanted = List.copyOf(wanted);
        this.all = Set.copyOf(all);
        this.torchNames = List.copyOf(torchNames);
        this.padsAtTheEnd = padsAtTheEnd;
    }

    /**
     * Describes a network.
     *
     * @param graph the network, or the lower part of it that wants weights
     * @param shapes its layers in their order, each with DL4J's names of its parameters ("W", "b", "gamma", "beta",
     *     "mean", "var") and their shapes in DL4J
     * @param all the names of the whole network's layers, also of those above that want no weights now
     * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise
     * @return the description
     * @throws IllegalArgumentException if a layer has parameters that are not known here
     */
    public static NetworkLayers of(
            ComputationGraphConfiguration graph,
            Map<String, Map<String, long[]>> shapes,
            Collection<String> all,
            List<Map<String, String>> torchNames) {
        List<LayerShapes> wanted = new ArrayList<>();
        shapes.forEach((name, parameters) -> {
            if (!(graph.getVertices().get(name) instanceof LayerVertex vertex)) {
                throw new IllegalArgumentException("the network has no layer " + name);
            }
            wanted.add(LayerShapes.of(name, kind(vertex, parameters), flattened(vertex), parameters));
        });
        return new NetworkLayers(
                wanted, all, torchNames, graph.getVertices().values().stream().anyMatch(NetworkLayers::padsAtTheEnd));
    }

    /** Of an even number of rows, "same" with a stride pads one at the end, as TensorFlow does and PyTorch can't. */
    private static boolean padsAtTheEnd(GraphVertex vertex) {
        return vertex instanceof LayerVertex layer
                && layer.getLayerConf().getLayer() instanceof ConvolutionLayer convolution
                && convolution.getConvolutionMode() == ConvolutionMode.Same
                && convolution.getStride()[0] > 1;
    }

    public boolean padsAtTheEnd() {
        return padsAtTheEnd;
    }

    private static LayerShapes.Kind kind(LayerVertex vertex, Map<String, long[]> parameters) {
        if (vertex.getLayerConf().getLayer() instanceof DepthwiseConvolution2D) {
            return LayerShapes.Kind.DEPTHWISE_CONVOLUTION;
        }
        return kind(parameters);
    }

    /** The kind that shapes alone tell, of layers other than depthwise convolutions. */
    public static LayerShapes.Kind kind(Map<String, long[]> parameters) {
        long[] kernel = parameters.get(LayerShapes.KERNEL);
        if (kernel == null) {
            return LayerShapes.Kind.BATCH_NORMALIZATION;
        }
        return kernel.length == 4 ? LayerShapes.Kind.CONVOLUTION : LayerShapes.Kind.DENSE;
    }

    private static FlattenedShape flattened(LayerVertex vertex) {
        return vertex.getPreProcessor() instanceof CnnToFeedForwardPreProcessor flatten
                ? new FlattenedShape(
                        Math.toIntExact(flatten.getInputHeight()),
                        Math.toIntExact(flatten.getInputWidth()),
                        Math.toIntExact(flatten.getNumChannels()))
                : FlattenedShape.none(1);
    }

    public List<LayerShapes> wanted() {
        return wanted;
    }

    /** The names of all layers, be they above those that want weights. */
    public Set<String> all() {
        return all;
    }

    /** Whether the network has a layer of that name, be it above those that want weights. */
    public boolean has(String layer) {
        return all.contains(layer);
    }

    /** What PyTorch's modules may be called, by the names of layers; a layer that is not there is called as here. */
    public List<Map<String, String>> torchNames() {
        return torchNames.isEmpty() ? List.of(Map.of()) : torchNames;
    }

    public boolean namesTorchModules() {
        return !torchNames.isEmpty();
    }
}
