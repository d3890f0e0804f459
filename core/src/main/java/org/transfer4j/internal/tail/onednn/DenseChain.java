package org.transfer4j.internal.tail.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * The fully connected layers at the top of a network, with dropout between them, up to a layer that gives probabilities by
 * softmax or sigmoid, or numbers. What has any property that is not known here belongs to what is below.
 */
public final class DenseChain {
    private static final Activation RELU = Activation.of(Activation.Function.RELU);

    /** What may end the last layer. */
    private static final List<Activation> ANSWERS =
            List.of(Activation.of(Activation.Function.SOFTMAX), Activation.of(Activation.Function.SIGMOID));

    private final Network network;
    private final Deque<Layer> layers = new ArrayDeque<>();
    private String features;

    /** The layers above a node or the input, up to the output; none if the output is none of them. */
    DenseChain(Network network) {
        this.network = network;
        this.features = network.output();
        Map<String, List<Node>> all = network.layers();
        while (!isWhole()) {
            List<Node> layer = all.getOrDefault(network.layer(features), List.of());
            if (!isRow(layer) || !add(layer)) {
                break;
            }
            features = layer.get(0).inputs().get(0);
        }
    }

    /** Whether a network is such layers alone, the first of them right on the features. */
    public static boolean isAllOf(Network network) {
        DenseChain chain = new DenseChain(network);
        return !chain.layers().isEmpty() && chain.isWhole();
    }

    /** From the features to the output. */
    List<Layer> layers() {
        return List.copyOf(layers);
    }

    /** The node or input that the first of them reads. */
    String features() {
        return features;
    }

    /** Whether there is nothing below. */
    boolean isWhole() {
        return features.equals(network.input());
    }

    /**
     * Checks that all layers, also those below, are trained as their ops say: what ops don't say of a layer may be known
     * nevertheless.
     *
     * @throws UnsupportedGraphException if there is one that is not; the message names it
     */
    void requireKnownTraining() {
        network.layers().forEach((layer, nodes) -> {
            Network.Origin origin = nodes.get(0).origin();
            if (origin == null) {
                return;
            }
            origin.ownTraining().ifPresent(reason -> {
                throw new UnsupportedGraphException("layer '" + layer + "' " + reason);
            });
            boolean dense = layers.stream().anyMatch(known -> known.name().equals(layer));
            if (origin.retained() < 1 && !dense) {
                throw new UnsupportedGraphException("layer '" + layer + "' drops what it reads, and is no dense layer");
            }
        });
    }

    /** Whether a layer's nodes read each other, and nothing else but one input, up to the node that is read above. */
    private boolean isRow(List<Node> layer) {
        for (int i = 1; i < layer.size(); i++) {
            if (!layer.get(i).inputs().equals(List.of(layer.get(i - 1).name()))) {
                return false;
            }
        }
        return !layer.isEmpty()
                && layer.get(0).inputs().size() == 1
                && layer.get(layer.size() - 1).name().equals(features);
    }

    /** Whether the layer below those that are known is one of them, too. */
    private boolean add(List<Node> layer) {
        Op first = layer.get(0).op();
        if (first instanceof Op.Reshape flattening && flattening.to().isVector()) {
            // moves nothing, since features are channels first
            return layer.size() == 1 ? !layers.isEmpty() : add(layer.subList(1, layer.size()));
        }
        if (first instanceof Op.Dropout dropout && layer.size() == 1) {
            return !dropout.channels() && drop(1 - dropout.rate());
        }
        if (!(first instanceof Op.Dense dense) || !dense.biased() || !isKnown(layer)) {
            return false;
        }
        Network.Origin origin = layer.get(0).origin();
        layers.addFirst(new Layer(
                layer.get(0).layer(),
                dense.inputs(),
                dense.outputs(),
                layer.get(layer.size() - 1).op().equals(new Op.Activate(RELU)),
                origin == null ? 1 : origin.retained()));
        return true;
    }

    private boolean isKnown(List<Node> layer) {
        Activation activation = switch (layer.size()) {
            case 1 -> Activation.IDENTITY;
            case 2 -> layer.get(1).op() instanceof Op.Activate last ? last.activation() : null;
            default -> null;
        };
        List<Activation> known = layers.isEmpty() ? ANSWERS : List.of(RELU);
        return activation != null && (activation.isIdentity() || known.contains(activation));
    }

    /** Of what the lowest of the layers reads; dropout twice is not known here. */
    private boolean drop(double retained) {
        Layer lowest = layers.peekFirst();
        if (lowest == null || lowest.retained() < 1 || retained <= 0) {
            return false;
        }
        layers.removeFirst();
        layers.addFirst(new Layer(lowest.name(), lowest.inputs(), lowest.outputs(), lowest.rectified(), retained));
        return true;
    }

    /**
     * One fully connected layer.
     *
     * @param name the layer's name
     * @param inputs the number of inputs
     * @param outputs the number of outputs
     * @param rectified whether ReLU follows
     * @param retained the probability with which dropout keeps an input in training; 1 without dropout
     */
    record Layer(String name, int inputs, int outputs, boolean rectified, double retained) {
        long weights() {
            return (long) inputs * outputs;
        }
    }
}
