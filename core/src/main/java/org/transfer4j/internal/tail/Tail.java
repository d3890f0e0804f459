package org.transfer4j.internal.tail;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Batch;

/**
 * The trainable part of a network: from features to class probabilities. One thread may train it; any may ask for
 * probabilities, also at once.
 */
public interface Tail extends AutoCloseable {
    /**
     * One step of gradient descent.
     *
     * @param batch features [n, ...] with their classes
     * @return the loss and hits of this batch before the step
     */
    StepResult train(Batch batch);

    /**
     * Predicts.
     *
     * @param batch features [n, ...]; their classes don't matter
     * @return [n, classes], C order, owned by the caller
     */
    INDArray probabilities(Batch batch);

    /** The learning rate of the next step. */
    double learningRate();

    /** Counts an epoch, for schedules by epoch. */
    void endEpoch();

    /** The parameters, not copied: layer, then parameter as DL4J names it, in DL4J's shapes. */
    Map<String, Map<String, INDArray>> parameters();

    /** Frees native memory, the parameters' too. Idempotent. */
    @Override
    void close();

    /**
     * What one step saw.
     *
     * @param loss the mean categorical cross-entropy of the batch
     * @param correct how many of its images were classified right
     */
    record StepResult(double loss, int correct) {}
}
