package org.transfer4j.internal.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/**
 * The layers of a network that want weights, and how they may be called in files.
 *
 * @param wanted those that want weights
 * @param all the names of all layers, be they above those that want weights
 * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise; a layer
 *     that is not there is called as here
 * @param padsAtTheEnd whether it pads as TensorFlow does and PyTorch can't
 */
public record NetworkLayers(
        List<LayerShapes> wanted, Set<String> all, List<Map<String, String>> torchNames, boolean padsAtTheEnd) {

    /**
     * Describes a network.
     *
     * @param network the network, or the lower part of it that wants weights
     * @param whole the whole network, with those above that want no weights now, for images as it was made for
     * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise
     * @return the description
     * @throws IllegalArgumentException if a layer has parameters that are not known here
     */
    public static NetworkLayers of(Network network, Network whole, List<Map<String, String>> torchNames) {
        Map<String, List<Network.Node>> layers = network.layers();
        Map<String, Map<String, Network.Node>> wanted = new LinkedHashMap<>();
        ParameterValues.owners(network).forEach((owner, node) -> {
            boolean one = isSeparable(Network.known(layers, node.layer()));
            wanted.computeIfAbsent(one ? node.layer() : owner, name -> new LinkedHashMap<>())
                    .put(owner, node);
        });
        List<LayerShapes> shapes = new ArrayList<>();
        wanted.forEach((name, owners) -> {
            Network.Node first = owners.values().iterator().next();
            // a part of a layer flattens nothing
            Network.Node lowest = owners.size() == 1 && name.equals(first.layer())
                    ? Network.known(layers, name).get(0)
                    : first;
            shapes.add(LayerShapes.of(name, flattened(lowest, network), owners));
        });
        return new NetworkLayers(
                shapes,
                whole.layers().keySet(),
                torchNames,
                whole.nodes().values().stream().anyMatch(NetworkLayers::padsAtTheEnd));
    }

    /** Two convolutions, one of each channel for itself and one of pixels, are one layer in all programs. */
    private static boolean isSeparable(List<Network.Node> layer) {
        List<Op> ops = layer.stream()
                .filter(node -> !node.parameters().isEmpty())
                .map(Network.Node::op)
                .toList();
        return ops.size() == 2
                && ops.get(0) instanceof Op.Convolution channels
                && channels.groups() == channels.inputs()
                && !channels.biased()
                && ops.get(1) instanceof Op.Convolution points
                && points.groups() == 1
                && points.window().equals(Window.PIXEL);
    }

    /** Of an even number of rows, "same" with a stride pads one at the end, as TensorFlow does and PyTorch can't. */
    private static boolean padsAtTheEnd(Network.Node node) {
        return node.op() instanceof Op.Convolution convolution
                && convolution.window().stride().height() > 1
                && convolution.window().after().height()
                        > convolution.window().before().height();
    }

    /** The image that a node flattens; a vector where it does not. */
    private static Shape flattened(Network.Node node, Network network) {
        Shape read = network.shape(node.inputs().get(0));
        return node.op() instanceof Op.Reshape && read.isImage() ? read : Shape.of(1);
    }
}
