package org.transfer4j.internal.engine.onednn;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Network;

/** Where the parameters of layers that are learned are kept, which stays the same. */
public interface LearnedParameters {
    /** Views of them, copies where they are kept in another form. */
    Network.Values<INDArray> values();

    /** Where their gradients go. */
    Network.Values<INDArray> gradients();

    /** Keeps a running variance, where {@link #values} gives a copy. */
    void keepVariance(Network.Node node, INDArray variance);
}
