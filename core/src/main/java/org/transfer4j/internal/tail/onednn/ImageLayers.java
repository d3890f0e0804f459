package org.transfer4j.internal.tail.onednn;

import org.transfer4j.internal.engine.onednn.OneDnnBody;
import org.transfer4j.internal.engine.onednn.OneDnnBody;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.TailSettings;

/** The layers of a tail below the dense ones, as a program that reads and writes where the tail keeps its parameters. */
final class ImageLayers {
    private ImageLayers() {}

    /**
     * Compiles them.
     *
     * @throws UnsupportedGraphException if there is one that is not trained there; the message names it
     */
    static OneDnnBody compile(
            Network network, DenseChain chain, ParameterRow parameters, ParameterRow gradients, TailSettings settings) {
        if (!network.inputShape().isImage()) {
            throw new UnsupportedGraphException(
                    "there are other layers than dense ones on " + network.inputShape() + ", no images");
        }
        return OneDnnBody.compile(
                network,
                chain.features(),
                new OneDnnBody.Parameters(
                        ParameterValues.of(network, parameters.byName()),
                        ParameterValues.of(network, gradients.byName())),
                settings.batchStatistics(),
                settings.seed(),
                settings.precision());
    }

    /** What ops don't say of a layer may be known nevertheless. */
    static void requireKnownTraining(Network network, DenseChain chain) {
        network.layers().forEach((layer, nodes) -> {
            Network.Origin origin = nodes.get(0).origin();
            if (origin == null) {
                return;
            }
            origin.ownTraining().ifPresent(reason -> {
                throw new UnsupportedGraphException("layer '" + layer + "' " + reason);
            });
            boolean dense =
                    chain.layers().stream().anyMatch(known -> known.name().equals(layer));
            if (origin.retained() < 1 && !dense) {
                throw new UnsupportedGraphException("layer '" + layer + "' drops what it reads, and is no dense layer");
            }
        });
    }
}
