package org.transfer4j.internal.network;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network that was given with its parameters. */
@FunctionalInterface
public interface OwnParameters {
    /** As {@link ParameterValues} has them, not copies; there may be more than a part of the network has. */
    Map<String, Map<String, INDArray>> parameters();
}
