package org.transfer4j.training;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * What was measured in one epoch. A diverged training has NaN or infinite losses here, as they were.
 *
 * <p>All but the wall time and the images per second depends on data, settings and seed alone. Values are compared exactly,
 * NaN being equal to NaN.
 *
 * @param epoch number of the epoch, from 1
 * @param phase number of the phase of training in which the epoch was, from 1; a plain fit is one phase
 * @param iterations number of iterations (batches) from the start of the training to the end of this epoch, at least 0
 * @param loss mean loss of the epoch's batches while they were trained on, each image with the same weight; NaN or infinite
 *     where the training diverged
 * @param accuracy the part of the epoch's images that were predicted rightly while they were trained on, 0 to 1, or NaN
 *     where the training diverged, or numbers are learned, which have no accuracy
 * @param validationLoss loss on the validation data after the epoch, empty where there is no validation data
 * @param validationAccuracy accuracy on the validation data after the epoch, 0 to 1, or NaN where numbers
 *     are learned; empty where there is no validation data
 * @param learningRate learning rate of the epoch's last iteration
 * @param wallTime how long the epoch took, with validation; not negative. Differs from run to run; 0 in the history of a
 *     loaded classifier
 * @param imagesPerSecond images trained on per second of training, without validation; finite and at least 0. Differs from
 *     run to run
 */
public record EpochRecord(
        int epoch,
        int phase,
        long iterations,
        double loss,
        double accuracy,
        OptionalDouble validationLoss,
        OptionalDouble validationAccuracy,
        double learningRate,
        Duration wallTime,
        double imagesPerSecond) {
    /**
     * Checks the values.
     *
     * @param epoch as above
     * @param phase as above
     * @param iterations as above
     * @param loss as above
     * @param accuracy as above
     * @param validationLoss as above
     * @param validationAccuracy as above
     * @param learningRate as above
     * @param wallTime as above
     * @param imagesPerSecond as above
     * @throws IllegalArgumentException if one is out of its range
     */
    public EpochRecord {
        if (epoch < 1) {
            throw new IllegalArgumentException("Epochs are counted from 1, but the epoch is " + epoch);
        }
        if (phase < 1) {
            throw new IllegalArgumentException("Phases are counted from 1, but the phase is " + phase);
        }
        if (iterations < 0) {
            throw new IllegalArgumentException("The number of iterations must not be negative, but is " + iterations);
        }
        requireAccuracy(accuracy);
        validationAccuracy.ifPresent(EpochRecord::requireAccuracy);
        if (wallTime.isNegative() || !(imagesPerSecond >= 0) || Double.isInfinite(imagesPerSecond)) {
            throw new IllegalArgumentException(
                    "Wall time and images per second must be finite and not negative, but are " + wallTime + " and "
                            + imagesPerSecond);
        }
    }

    private static void requireAccuracy(double accuracy) {
        if (accuracy < 0 || accuracy > 1) {
            throw new IllegalArgumentException("An accuracy must be from 0 to 1, but is " + accuracy);
        }
    }

    /**
     * Starts the record of an epoch.
     *
     * @param epoch number of the epoch, from 1
     * @return a builder in which all else is 0 or absent
     */
    public static Builder builder(int epoch) {
        return new Builder(epoch);
    }

    /**
     * The same without what differs from run to run.
     *
     * @return a record whose wall time and images per second are 0
     */
    public EpochRecord withoutTiming() {
        return new EpochRecord(
                epoch,
                phase,
                iterations,
                loss,
                accuracy,
                validationLoss,
                validationAccuracy,
                learningRate,
                Duration.ZERO,
                0);
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
        StringBuilder line =
                new StringBuilder(String.format(Locale.ROOT, "Epoch %d/%d - loss: %.4f", epoch, epochs, loss));
        if (!isOfNumbers()) {
            line.append(String.format(Locale.ROOT, " - accuracy: %.4f", accuracy));
        }
        validationLoss.ifPresent(value -> line.append(String.format(Locale.ROOT, " - val_loss: %.4f", value)));
        if (!isOfNumbers()) {
            validationAccuracy.ifPresent(
                    value -> line.append(String.format(Locale.ROOT, " - val_accuracy: %.4f", value)));
        }
        return line.append(String.format(Locale.ROOT, " - %,.0f images/s", imagesPerSecond))
                .toString();
    }

    /** All figures as comma-separated values, under {@link TrainingHistory#CSV_HEADINGS}, ended by a line feed. */
    String csv() {
        StringJoiner line = new StringJoiner(",", "", "\n");
        line.add(Integer.toString(epoch));
        line.add(Integer.toString(phase));
        line.add(Long.toString(iterations));
        line.add(Double.toString(loss));
        line.add(Double.toString(accuracy));
        line.add(text(validationLoss));
        line.add(text(validationAccuracy));
        line.add(Double.toString(learningRate));
        line.add(seconds().toPlainString());
        line.add(Double.toString(imagesPerSecond));
        return line.toString();
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
    }

    /** The wall time, exact, to the nanosecond. */
    BigDecimal seconds() {
        return BigDecimal.valueOf(wallTime.getSeconds()).add(BigDecimal.valueOf(wallTime.getNano(), 9));
    }

    /** Whether it has a loss but no accuracy, as where numbers are learned. */
    boolean isOfNumbers() {
        return Double.isNaN(accuracy) && Double.isFinite(loss);
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
         */
        public Builder phase(int number) {
            phase = number;
            return this;
        }

        /**
         * Sets the number of iterations.
         *
         * @param count iterations from the start of the training to the end of the epoch, at least 0
         * @return this builder
         */
        public Builder iterations(long count) {
            iterations = count;
            return this;
        }

        /**
         * Sets the values on the training data.
         *
         * @param meanLoss any value, NaN too
         * @param rightPart accuracy, 0 to 1 or NaN
         * @return this builder
         */
        public Builder training(double meanLoss, double rightPart) {
            accuracy = rightPart;
            loss = meanLoss;
            return this;
        }

        /**
         * Sets the values on the validation data.
         *
         * @param meanLoss any value, NaN too
         * @param rightPart accuracy, 0 to 1 or NaN
         * @return this builder
         */
        public Builder validation(double meanLoss, double rightPart) {
            validationAccuracy = OptionalDouble.of(rightPart);
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
         */
        public Builder timing(Duration time, double throughput) {
            wallTime = time;
            imagesPerSecond = throughput;
            return this;
        }

        /**
         * Makes the record.
         *
         * @return an immutable record of the values so far
         * @throws IllegalArgumentException if one is out of its range
         */
        public EpochRecord build() {
            return new EpochRecord(
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
    }
}
