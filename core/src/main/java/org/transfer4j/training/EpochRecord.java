package org.transfer4j.training;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What was measured in one epoch. Immutable. A diverged training has NaN or infinite losses here, as they were.
 *
 * <p>All but {@link #wallTime()} and {@link #imagesPerSecond()} depends on data, settings and seed alone.
 */
public final class EpochRecord {
    private final int epoch;
    private final int phase;
    private final long iterations;
    private final double loss;
    private final double accuracy;
    private final OptionalDouble validationLoss;
    private final OptionalDouble validationAccuracy;
    private final double learningRate;
    private final Duration wallTime;
    private final double imagesPerSecond;

    private EpochRecord(Builder builder) {
        epoch = builder.epoch;
        phase = builder.phase;
        iterations = builder.iterations;
        loss = builder.loss;
        accuracy = builder.accuracy;
        validationLoss = builder.validationLoss;
        validationAccuracy = builder.validationAccuracy;
        learningRate = builder.learningRate;
        wallTime = builder.wallTime;
        imagesPerSecond = builder.imagesPerSecond;
    }

    /**
     * Starts the record of an epoch.
     *
     * @param epoch number of the epoch, from 1
     * @return a builder in which all else is 0 or absent
     * @throws IllegalArgumentException if the epoch is below 1
     */
    public static Builder builder(int epoch) {
        if (epoch < 1) {
            throw new IllegalArgumentException("Epochs are counted from 1, but the epoch is " + epoch);
        }
        return new Builder(epoch);
    }

    /**
     * Number of the epoch.
     *
     * @return at least 1
     */
    public int epoch() {
        return epoch;
    }

    /**
     * Number of the phase of training in which the epoch was; a plain fit is one phase.
     *
     * @return at least 1
     */
    public int phase() {
        return phase;
    }

    /**
     * Number of iterations (batches) from the start of the training to the end of this epoch.
     *
     * @return at least 0
     */
    public long iterations() {
        return iterations;
    }

    /**
     * Mean loss of the epoch's batches while they were trained on, each image with the same weight.
     *
     * @return the loss; NaN or infinite where the training diverged
     */
    public double loss() {
        return loss;
    }

    /**
     * The part of the epoch's images that were predicted rightly while they were trained on.
     *
     * @return 0 to 1, or NaN where the training diverged
     */
    public double accuracy() {
        return accuracy;
    }

    /**
     * Loss on the validation data after the epoch.
     *
     * @return empty where there is no validation data
     */
    public OptionalDouble validationLoss() {
        return validationLoss;
    }

    /**
     * Accuracy on the validation data after the epoch.
     *
     * @return 0 to 1; empty where there is no validation data
     */
    public OptionalDouble validationAccuracy() {
        return validationAccuracy;
    }

    /**
     * Learning rate of the epoch's last iteration.
     *
     * @return the rate
     */
    public double learningRate() {
        return learningRate;
    }

    /**
     * How long the epoch took, with validation. Differs from run to run.
     *
     * @return not negative; 0 in the history of a loaded classifier
     */
    public Duration wallTime() {
        return wallTime;
    }

    /**
     * Images trained on per second of training, without validation. Differs from run to run.
     *
     * @return at least 0
     */
    public double imagesPerSecond() {
        return imagesPerSecond;
    }

    /**
     * The same without what differs from run to run.
     *
     * @return a record whose wall time and images per second are 0
     */
    public EpochRecord withoutTiming() {
        return toBuilder().timing(Duration.ZERO, 0).build();
    }

    private Builder toBuilder() {
        Builder builder = new Builder(epoch).phase(phase).iterations(iterations).training(loss, accuracy);
        builder.validationLoss = validationLoss;
        builder.validationAccuracy = validationAccuracy;
        return builder.learningRate(learningRate).timing(wallTime, imagesPerSecond);
    }

    /**
     * Compares all values exactly, NaN being equal to NaN.
     *
     * @param other what to compare with
     * @return whether it is a record with the same values, timing included
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof EpochRecord that
                && epoch == that.epoch
                && phase == that.phase
                && iterations == that.iterations
                && Double.compare(loss, that.loss) == 0
                && Double.compare(accuracy, that.accuracy) == 0
                && validationLoss.equals(that.validationLoss)
                && validationAccuracy.equals(that.validationAccuracy)
                && Double.compare(learningRate, that.learningRate) == 0
                && wallTime.equals(that.wallTime)
                && Double.compare(imagesPerSecond, that.imagesPerSecond) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                epoch,
                phase,
                iterations,
                loss,
                accuracy,
                validationLoss,
                validationAccuracy,
                learningRate,
                wallTime,
                imagesPerSecond);
    }

    /**
     * All values, as a line of {@link TrainingHistory#toString()} under its heading.
     *
     * @return two lines
     */
    @Override
    public String toString() {
        return TrainingHistory.of(List.of(this)).toString();
    }

    /** The figures in one line, as Keras prints them. */
    String line(int epochs) {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "Epoch %d/%d - loss: %.4f - accuracy: %.4f", epoch, epochs, loss, accuracy));
        validationLoss.ifPresent(value -> line.append(String.format(Locale.ROOT, " - val_loss: %.4f", value)));
        validationAccuracy.ifPresent(value -> line.append(String.format(Locale.ROOT, " - val_accuracy: %.4f", value)));
        return line.append(String.format(Locale.ROOT, " - %,.0f images/s", imagesPerSecond))
                .toString();
    }

    /** Collects the values of one epoch. */
    public static final class Builder {
        private final int epoch;
        private int phase = 1;
        private long iterations;
        private double loss;
        private double accuracy;
        private OptionalDouble validationLoss = OptionalDouble.empty();
        private OptionalDouble validationAccuracy = OptionalDouble.empty();
        private double learningRate;
        private Duration wallTime = Duration.ZERO;
        private double imagesPerSecond;

        private Builder(int epoch) {
            this.epoch = epoch;
        }

        /**
         * Sets the number of the phase.
         *
         * @param number from 1; 1 where it is not set
         * @return this builder
         * @throws IllegalArgumentException if the number is below 1
         */
        public Builder phase(int number) {
            if (number < 1) {
                throw new IllegalArgumentException("Phases are counted from 1, but the phase is " + number);
            }
            phase = number;
            return this;
        }

        /**
         * Sets the number of iterations.
         *
         * @param count iterations from the start of the training to the end of the epoch, at least 0
         * @return this builder
         * @throws IllegalArgumentException if the count is negative
         */
        public Builder iterations(long count) {
            if (count < 0) {
                throw new IllegalArgumentException("The number of iterations must not be negative, but is " + count);
            }
            iterations = count;
            return this;
        }

        /**
         * Sets the values on the training data.
         *
         * @param meanLoss any value, NaN too
         * @param rightPart accuracy, 0 to 1 or NaN
         * @return this builder
         * @throws IllegalArgumentException if the accuracy is outside 0 to 1
         */
        public Builder training(double meanLoss, double rightPart) {
            accuracy = requireAccuracy(rightPart);
            loss = meanLoss;
            return this;
        }

        /**
         * Sets the values on the validation data.
         *
         * @param meanLoss any value, NaN too
         * @param rightPart accuracy, 0 to 1 or NaN
         * @return this builder
         * @throws IllegalArgumentException if the accuracy is outside 0 to 1
         */
        public Builder validation(double meanLoss, double rightPart) {
            validationAccuracy = OptionalDouble.of(requireAccuracy(rightPart));
            validationLoss = OptionalDouble.of(meanLoss);
            return this;
        }

        /**
         * Sets the learning rate.
         *
         * @param rate that of the epoch's last iteration
         * @return this builder
         */
        public Builder learningRate(double rate) {
            learningRate = rate;
            return this;
        }

        /**
         * Sets what differs from run to run.
         *
         * @param time how long the epoch took, with validation; not negative
         * @param throughput images trained on per second, without validation; finite and at least 0
         * @return this builder
         * @throws IllegalArgumentException if one of them is not in its range
         */
        public Builder timing(Duration time, double throughput) {
            if (time.isNegative() || !(throughput >= 0) || Double.isInfinite(throughput)) {
                throw new IllegalArgumentException(
                        "Wall time and images per second must be finite and not negative, but are " + time + " and "
                                + throughput);
            }
            wallTime = time;
            imagesPerSecond = throughput;
            return this;
        }

        /**
         * Makes the record.
         *
         * @return an immutable record of the values so far
         */
        public EpochRecord build() {
            return new EpochRecord(this);
        }

        private static double requireAccuracy(double accuracy) {
            if (accuracy < 0 || accuracy > 1) {
                throw new IllegalArgumentException("An accuracy must be from 0 to 1, but is " + accuracy);
            }
            return accuracy;
        }
    }
}
