package org.transfer4j.internal.tail.onednn;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.LearnedParameters;
import org.transfer4j.internal.engine.onednn.OneDnnBody;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterTables;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.TailSettings;

/** The layers of a tail below the dense ones, as a program that reads and writes where the tail keeps its parameters. */
final class ImageLayers {
    private ImageLayers() {}

    /** Where the parameters and gradients of the layers on images are. */
    private record BodyParameters(
            ParameterTables tables,
            Map<String, Map<String, INDArray>> parameters,
            Map<String, Map<String, INDArray>> gradientTables)
            implements LearnedParameters {
        @Override
        public Network.Values<INDArray> values() {
            return tables.values(parameters);
        }

        @Override
        public Network.Values<INDArray> gradients() {
            return tables.values(gradientTables);
        }

        @Override
        public void keepVariance(Network.Node node, INDArray variance) {
            tables.put(node, Op.VARIANCE, variance, parameters);
        }
    }

    /**
     * Compiles them.
     *
     * @throws UnsupportedGraphException if there is one that is not trained there; the message names it
     */
    static OneDnnBody compile(
            Network network,
            DenseChain chain,
            ParameterTables tables,
            ParameterRow parameters,
            ParameterRow gradients,
            TailSettings settings) {
        if (!network.inputShape().isImage()) {
            throw new UnsupportedGraphException(
                    "there are other layers than dense ones on " + network.inputShape() + ", no images");
        }
        return OneDnnBody.compile(
                network,
                chain.features(),
                new BodyParameters(tables, parameters.byName(), gradients.byName()),
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
