package org.transfer4j.training;

import java.time.Duration;

/**
 * What one phase of a training is expected to take; a fit without phases is one.
 *
 * @param trainedParameters the number of parameters that are trained, exact
 * @param featureBytes what the frozen layers' features take on disk, exact; 0 where none are kept
 * @param featurePass the time in which training and validation images pass the frozen layers once, or several times where
 *     augmented variants are cached; zero where no features are kept
 * @param epoch the time of one epoch, with validation
 * @param epochs the number of epochs; early stopping may leave some out
 */
public record PhaseEstimate(
        long trainedParameters, long featureBytes, Duration featurePass, Duration epoch, int epochs) {
    /**
     * The time of the feature pass and all epochs.
     *
     * @return their sum
     */
    public Duration total() {
        return featurePass.plus(epoch.multipliedBy(epochs));
    }
}
