package org.transfer4j.internal.engine.onednn;

import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.trunk.Algorithm;

/** Says which algorithm computes a convolution. */
interface AlgorithmChoice {
    /** The choice; where oneDNN has no Winograd for a shape after all, direct takes its place. */
    Algorithm choose(Convolution convolution, int batch);
}
