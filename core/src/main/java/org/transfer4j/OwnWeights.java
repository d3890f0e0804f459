package org.transfer4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights that come with a backbone's network, from its file or in memory. */
@FunctionalInterface
interface OwnWeights {
    /**
     * Reads them.
     *
     * @param expected the backbone's layers with DL4J's names of their parameters and their shapes
     * @return arrays of those names and shapes
     */
    Map<String, Map<String, INDArray>> load(Map<String, Map<String, long[]>> expected);
}
