package org.transfer4j.internal.tail;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Batch;

/**
 * The trainable part of a network: from features to class probabilities, or to numbers. One thread may train it; any may ask for
 * probabilities, also at once.
 */
public interface Tail extends AutoCloseable {
    /**
     * One step of gradient descent.
     *
     * @param batch features [n, ...] with their classes
     * @param rate the learning rate; NaN for an updater without one
     * @return the loss and hits of this batch before the step
     */
    StepResult train(Batch batch, double rate);

    /**
     * Predicts.
     *
     * @param batch features [n, ...]; their classes don't matter
     * @return [n, classes], C order, owned by the caller
     */
    INDArray probabilities(Batch batch);

    /** Counts an epoch, for updaters that ask. */
    void endEpoch();

    /** The parameters as {@code ParameterValues} has them; what is written to them is the tail's from its next step or
     * answer, of one that does not train from its first answer. */
    Map<String, Map<String, INDArray>> parameters();

    /** A copy of what the updater remembers, with the number of steps and epochs so far. */
    UpdaterState updaterState();

    /**
     * Goes on with what an updater of the same kind remembers, be it another tail's. What it knows nothing of stays as it
     * is, as layers do that were frozen until now.
     *
     * @throws IllegalArgumentException if it has values for parameters that this tail has not, with nothing changed
     */
    void restore(UpdaterState state);

    /** Frees native memory, the parameters' too. Idempotent. */
    @Override
    void close();

    /**
     * What one step saw.
     *
     * @param loss the mean loss of the batch, class weights included
     * @param correct how many of its images were classified right; where images have several labels, one may be right in
     *     part
     */
    record StepResult(double loss, double correct) {}
}
