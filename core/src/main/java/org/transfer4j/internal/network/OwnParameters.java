package org.transfer4j.internal.network;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network that was given with its parameters. */
@FunctionalInterface
public interface OwnParameters {
    /** By layer and by DL4J's names, in DL4J's shapes; not copies. */
    Map<String, Map<String, INDArray>> parameters();
}
