package org.transfer4j.internal.tail;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.thread.Workers;

/**
 * Decoupled weight decay: before a step weights lose the part rate times decay of themselves.
 *
 * @param weights in pieces that threads can work on at once; no biases
 */
record WeightDecay(double decay, List<INDArray> weights) {
    /** Does so, if there is any. */
    void apply(double rate) {
        if (decay > 0) {
            float kept = (float) kept(decay, rate);
            Workers.run(weights.size(), piece -> weights.get(piece).muli(kept));
        }
    }

    /** What is left of a weight. */
    static double kept(double decay, double rate) {
        return decay > 0 ? 1 - rate * decay : 1;
    }
}
