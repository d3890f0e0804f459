package org.transfer4j.internal.format;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

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
     * @param network the network, or the lower part of it that wants weights
     * @param shapes its layers, or parts of them, in their order, each with DL4J's names of its parameters ("W", "pW", "b",
     *     "gamma", "beta", "mean", "var", "log10stdev") and their shapes in DL4J
     * @param whole the whole network, with those above that want no weights now, for images as it was made for
     * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise
     * @return the description
     * @throws IllegalArgumentException if a layer has parameters that are not known here
     */
    public static NetworkLayers of(
            Network network,
            Map<String, Map<String, long[]>> shapes,
            Network whole,
            List<Map<String, String>> torchNames) {
        List<LayerShapes> wanted = new ArrayList<>();
        shapes.forEach((name, parameters) -> {
            List<Network.Node> nodes = nodes(name, network, shapes.keySet());
            wanted.add(LayerShapes.of(name, kind(nodes, parameters), flattened(nodes, network), parameters));
        });
        return new NetworkLayers(
                wanted,
                whole.layers().keySet(),
                torchNames,
                whole.nodes().values().stream().anyMatch(NetworkLayers::padsAtTheEnd));
    }

    /** Of a layer, or of a part of one whose parts have their parameters each for itself. */
    private static List<Network.Node> nodes(String name, Network network, Set<String> all) {
        List<Network.Node> layer = network.layers().getOrDefault(name, List.of());
        Network.Node alone = network.nodes().get(name);
        if (layer.isEmpty() && alone == null) {
            throw new IllegalArgumentException("the network has no layer " + name);
        }
        boolean whole =
                layer.stream().map(Network.Node::name).noneMatch(part -> !part.equals(name) && all.contains(part));
        return alone == null || (whole && !layer.isEmpty()) ? layer : List.of(alone);
    }

    /** Of an even number of rows, "same" with a stride pads one at the end, as TensorFlow does and PyTorch can't. */
    private static boolean padsAtTheEnd(Network.Node node) {
        return node.op() instanceof Op.Convolution convolution
                && convolution.window().stride().height() > 1
                && convolution.window().after().height()
                        > convolution.window().before().height();
    }

    public boolean padsAtTheEnd() {
        return padsAtTheEnd;
    }

    private static LayerShapes.Kind kind(List<Network.Node> nodes, Map<String, long[]> parameters) {
        if (parameters.containsKey(LayerShapes.POINTWISE)) {
            return LayerShapes.Kind.SEPARABLE_CONVOLUTION;
        }
        if (nodes.stream().anyMatch(node -> node.op() instanceof Op.Slopes)) {
            return LayerShapes.Kind.SLOPES;
        }
        if (nodes.stream().anyMatch(node -> node.op() instanceof Op.Convolution op && op.isDepthwise())) {
            return LayerShapes.Kind.DEPTHWISE_CONVOLUTION;
        }
        return kind(parameters);
    }

    /** The kind that shapes alone tell, of layers other than depthwise convolutions and slopes. */
    public static LayerShapes.Kind kind(Map<String, long[]> parameters) {
        long[] kernel = parameters.get(LayerShapes.KERNEL);
        if (kernel == null) {
            return LayerShapes.Kind.BATCH_NORMALIZATION;
        }
        return kernel.length == 4 ? LayerShapes.Kind.CONVOLUTION : LayerShapes.Kind.DENSE;
    }

    private static Shape flattened(List<Network.Node> nodes, Network network) {
        Network.Node first = nodes.get(0);
        Shape read = network.shape(first.inputs().get(0));
        return first.op() instanceof Op.Reshape && read.isImage() ? read : Shape.of(1);
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
