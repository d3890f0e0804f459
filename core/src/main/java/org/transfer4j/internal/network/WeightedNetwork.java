package org.transfer4j.internal.network;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network with values.
 *
 * @param parameters as {@link ParameterValues} has them, not copied; there may be more than the network's
 */
public record WeightedNetwork(Network network, Map<String, Map<String, INDArray>> parameters) {
    /** The values by node, not copied. */
    public Network.Values values() {
        return ParameterValues.of(network, parameters);
    }
}
