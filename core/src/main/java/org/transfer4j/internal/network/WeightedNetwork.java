package org.transfer4j.internal.network;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network with values.
 *
 * @param parameters by layer and by DL4J's names, in DL4J's shapes; not copied
 */
public record WeightedNetwork(Network network, Map<String, Map<String, INDArray>> parameters) {}
