package org.transfer4j.internal.fitted;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.engine.reference.InputGradient;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.Trunk;

/** What a layer of a network gives at each position, and how the score of a class, before softmax or sigmoid, changes with it. */
final class FeatureMap implements AutoCloseable {
    private final String name;
    private final Shape shape;
    private final Trunk below;
    private final boolean owned;
    private final Network whole;
    private final Map<String, Map<String, INDArray>> parameters;
    private @Nullable InputGradient gradient;

    /** Compiles what is below it, unless the network's trunk ends there already. */
    FeatureMap(FittedNetwork fitted, String name) {
        this.name = name;
        whole = fitted.plan().network();
        shape = whole.shape(name);
        parameters = fitted.parameters();
        owned = fitted.trunk().isEmpty() || !endsAt(fitted, name);
        below = owned
                ? TrunkCompiler.compile(
                        new WeightedNetwork(whole.below(name), parameters),
                        fitted.precision(),
                        AlgorithmChoices.TABLE.withRecorded(fitted.recordedAlgorithms()))
                : fitted.trunk().orElseThrow();
    }

    /** Whether the frozen layers give nothing but the map, flat or not. */
    private static boolean endsAt(FittedNetwork fitted, String name) {
        String cut = fitted.plan().cut().orElse("");
        Network.Node node = fitted.plan().network().nodes().get(cut);
        return cut.equals(name)
                || (node != null
                        && node.op() instanceof Op.Reshape
                        && node.inputs().get(0).equals(name));
    }

    /** A network without the softmax or sigmoid that ends it. */
    private static Network scores(Network whole) {
        Network.Node last = whole.nodes().get(whole.output());
        return last != null
                        && last.op() instanceof Op.Activate activate
                        && (activate.activation().function() == Activation.Function.SOFTMAX
                                || activate.activation().function() == Activation.Function.SIGMOID)
                ? whole.below(last.inputs().get(0))
                : whole;
    }

    /**
     * The layers that have a map: those through which everything passes, with more than one position, from the lowest up.
     */
    static List<String> layers(Network network) {
        return network.nodes().values().stream()
                .filter(node -> isMap(network, node))
                .map(Network.Node::name)
                .toList();
    }

    private static boolean isMap(Network network, Network.Node node) {
        Shape shape = node.shape();
        return node.name().equals(node.layer())
                && shape.isImage()
                && !shape.isPixel()
                && network.isCutPoint(node.name());
    }

    /**
     * The layer that is meant.
     *
     * @param wanted null for the last one that has a map
     * @throws IllegalArgumentException if there is no such layer, or it has no map
     * @throws UnsupportedOperationException if no layer has one
     */
    static String layer(String network, Network whole, @Nullable String wanted) {
        if (wanted == null) {
            List<Network.Node> nodes = new ArrayList<>(whole.nodes().values());
            Collections.reverse(nodes);
            return nodes.stream()
                    .filter(node -> isMap(whole, node))
                    .findFirst()
                    .orElseThrow(() -> new UnsupportedOperationException(network + " has no layer with more than one"
                            + " position through which everything passes: it does not tell where something is"))
                    .name();
        }
        Network.Node node = whole.nodes().get(wanted);
        if (node == null || !node.name().equals(node.layer())) {
            throw new IllegalArgumentException(
                    network + " has no layer named \"" + wanted + "\"; those with a feature map are " + layers(whole));
        }
        if (!isMap(whole, node)) {
            throw new IllegalArgumentException("an explanation needs a layer with more than one position, through which"
                    + " everything above it passes; " + wanted + " of " + network + " gives " + node.shape()
                    + ". Such layers are " + layers(whole));
        }
        return wanted;
    }

    /**
     * Checks that {@link #gradient} is known.
     *
     * @throws UnsupportedOperationException if it is not; the message names the layer
     */
    static void requireGradient(Network whole, String layer) {
        InputGradient.requireKnown(scores(whole).above(layer));
    }

    String name() {
        return name;
    }

    Shape shape() {
        return shape;
    }

    /**
     * The maps of images.
     *
     * @param input preprocessed, [n, 3, height, width]
     * @return [n, C, h, w] in C order
     */
    float[] of(INDArray input) {
        try (INDArray features = below.infer(input)) {
            return features.reshape('c', 1, features.length()).toFloatVector();
        }
    }

    /** The gradient of the score of a class by the values of a map. */
    float[] gradient(float[] map, int classIndex) {
        if (gradient == null) {
            gradient = InputGradient.of(scores(whole).above(name), ParameterValues.of(whole, parameters));
        }
        return gradient.of(map, classIndex);
    }

    /** Frees what was compiled for it. */
    @Override
    public void close() {
        if (owned) {
            below.close();
        }
    }
}
