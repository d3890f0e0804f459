package org.transfer4j.training;

import java.util.List;

/**
 * Where a training stands before a step: all that a {@link Schedule} may depend on.
 *
 * @param step how many steps (batches) were done before, 0 or more
 * @param stepsPerEpoch how many steps an epoch has, 1 or more
 * @param epochs how many epochs the training has, 1 or more
 * @param losses the loss of each finished epoch: on the validation data, or on the training data where there are none
 */
public record TrainingProgress(long step, long stepsPerEpoch, int epochs, List<Double> losses) {
    /**
     * Checks the values.
     *
     * @param step 0 or more
     * @param stepsPerEpoch 1 or more
     * @param epochs 1 or more
     * @param losses copied
     * @throws IllegalArgumentException if a number is out of its range
     */
    public TrainingProgress {
        if (step < 0 || stepsPerEpoch < 1 || epochs < 1) {
            throw new IllegalArgumentException("a training has steps from 0, 1 or more of them an epoch, and 1 epoch or"
                    + " more, got step " + step + ", " + stepsPerEpoch + " an epoch, " + epochs + " epochs");
        }
        losses = List.copyOf(losses);
    }

    /**
     * The number of the epoch that the step is in.
     *
     * @return from 0
     */
    public long epoch() {
        return step / stepsPerEpoch;
    }

    /** The part of all steps that was done before, 0 to 1; 1 also after the end. */
    double part() {
        return Math.min(1, (double) step / (stepsPerEpoch * epochs));
    }

    /** The same training, planned for another number of epochs. */
    TrainingProgress withEpochs(int others) {
        return new TrainingProgress(step, stepsPerEpoch, others, losses);
    }

    /** What is left after some epochs, as a training of its own. */
    TrainingProgress after(int first) {
        return new TrainingProgress(
                step - first * stepsPerEpoch,
                stepsPerEpoch,
                Math.max(1, epochs - first),
                losses.subList(Math.min(first, losses.size()), losses.size()));
    }
}
