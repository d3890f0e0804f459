package org.transfer4j.internal.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;

/**
 * A backbone at an input size, without a head: what layers it has there, and which of them may be frozen.
 *
 * @param network ended early where the backbone says so
 */
public record SizedBackbone(Backbone backbone, Network network) {
    private static final int CHANNELS = 3;

    /**
     * A backbone at an input size.
     *
     * @throws IllegalArgumentException if it can't take images of that size, or names layers that it has not
     */
    public static SizedBackbone of(Backbone backbone, int height, int width) {
        Network whole = whole(backbone, height, width);
        SizedBackbone sized = new SizedBackbone(backbone, whole);
        backbone.cutPoints().forEach(sized::known);
        return backbone.lastLayer()
                .map(last -> new SizedBackbone(backbone, whole.below(sized.known(last))))
                .orElse(sized);
    }

    /** The backbone's network as far as it goes, also where it is ended early. */
    public static Network whole(Backbone backbone, int height, int width) {
        Topology topology = backbone.topology();
        try {
            Network whole;
            if (topology instanceof Network.Sized ours) {
                whole = ours.network(height, width);
            } else {
                FirstUse.ND4J.start();
                whole = Dl4jNetwork.network(topology.configure(height, width), Shape.of(CHANNELS, height, width));
            }
            NetworkSize.of(whole);
            return whole;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    backbone.name() + " can't take images of " + height + "x" + width + ": " + e.getMessage(), e);
        }
    }

    /** The frozen part alone: what computes features. Empty if nothing is frozen. */
    public Optional<Network> frozenPart(Freeze freeze) {
        return lastFrozen(freeze).map(network::below);
    }

    /**
     * The freeze that leaves a layer and all above it to be trained.
     *
     * @throws IllegalArgumentException if there is no such layer, or a connection leads around what is below it
     */
    public Freeze freezeBelow(String layer) {
        // a sum may read one value twice
        List<String> inputs =
                network.inputsOfLayer(known(layer)).stream().distinct().toList();
        if (inputs.equals(List.of(network.input()))) {
            return Freeze.NONE;
        }
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "a phase begins at a layer with one input; " + layer + " of " + backbone.name() + " has " + inputs);
        }
        Freeze below = Freeze.upTo(inputs.get(0));
        // refuses what can't be a cut
        lastFrozen(below);
        return below;
    }

    /** The layers that a freeze leaves to be trained and that have parameters, from the lowest up. */
    public List<String> trainedLayers(Freeze freeze) {
        Set<String> frozen = frozenLayers(freeze);
        return network.layers().entrySet().stream()
                .filter(layer -> !frozen.contains(layer.getKey()))
                .filter(layer -> Network.parameterCount(layer.getValue()) > 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** All layers that are frozen. */
    Set<String> frozenLayers(Freeze freeze) {
        return lastFrozen(freeze).map(network::layersUpTo).orElse(Set.of());
    }

    /**
     * The layer where what is frozen ends; empty if nothing is.
     *
     * @throws IllegalArgumentException if there is no such layer, or a connection leads around it
     */
    public Optional<String> lastFrozen(Freeze freeze) {
        if (freeze.all()) {
            return Optional.of(network.output());
        }
        if (freeze.layer() == null) {
            return Optional.empty();
        }
        String layer = known(freeze.layer());
        if (!network.isCutPoint(layer)) {
            throw new IllegalArgumentException("freezeUpTo needs a layer through which everything above it passes; "
                    + layer + " of " + backbone.name() + " has a connection around it. Such layers are "
                    + network.layers().keySet().stream()
                            .filter(network::isCutPoint)
                            .toList()
                    + blockEnds());
        }
        return Optional.of(layer);
    }

    private String known(String layer) {
        Set<String> layers = network.layers().keySet();
        if (!layers.contains(layer)) {
            throw new IllegalArgumentException(
                    backbone.name() + " has no layer named \"" + layer + "\"; its layers are " + layers + blockEnds());
        }
        return layer;
    }

    private String blockEnds() {
        Set<String> layers = network.layers().keySet();
        List<String> ends =
                backbone.cutPoints().stream().filter(layers::contains).toList();
        return ends.isEmpty() ? "" : "; its blocks end at " + ends;
    }
}
