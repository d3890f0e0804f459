package org.transfer4j.training;

import java.util.OptionalDouble;

/** A figure of an epoch by which epochs are compared. */
public enum Metric {
    /** Loss on the training images; lower is better. */
    LOSS(true, false),
    /** Accuracy on the training images; higher is better. */
    ACCURACY(false, false),
    /** Loss on the validation images; lower is better. */
    VALIDATION_LOSS(true, true),
    /** Accuracy on the validation images; higher is better. */
    VALIDATION_ACCURACY(false, true);

    private final boolean lowerIsBetter;
    private final boolean needsValidation;

    Metric(boolean lowerIsBetter, boolean needsValidation) {
        this.lowerIsBetter = lowerIsBetter;
        this.needsValidation = needsValidation;
    }

    /**
     * Whether it exists only with validation images.
     *
     * @return true for the validation metrics
     */
    public boolean needsValidation() {
        return needsValidation;
    }

    /**
     * Whether it is a part of images that is right, which numbers have not.
     *
     * @return true for the accuracies
     */
    public boolean isAccuracy() {
        return !lowerIsBetter;
    }

    /**
     * The figure of one epoch.
     *
     * @param record the epoch
     * @return empty for a validation metric of an epoch without validation
     */
    public OptionalDouble of(EpochRecord record) {
        return switch (this) {
            case LOSS -> OptionalDouble.of(record.loss());
            case ACCURACY -> OptionalDouble.of(record.accuracy());
            case VALIDATION_LOSS -> record.validationLoss();
            case VALIDATION_ACCURACY -> record.validationAccuracy();
        };
    }

    /** How much better one value is than another: positive where it is better, NaN where one of them is. */
    double gain(double value, double than) {
        return lowerIsBetter ? than - value : value - than;
    }
}
