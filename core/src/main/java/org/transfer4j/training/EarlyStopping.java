package org.transfer4j.training;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Ends a training that no longer gets better, and goes back to the weights of its best epoch, also where it was not
 * ended early. Immutable.
 *
 * <pre>{@code
 * EarlyStopping.patience(5)
 * EarlyStopping.patience(3).monitor(Metric.VALIDATION_ACCURACY).minimumDelta(0.001)
 * }</pre>
 *
 * <p>An epoch is better if it improves on the best one before by more than the minimum delta; as in Keras, training ends
 * when {@code patience} epochs in a row were not. All is decided by the history alone, so that a resumed training ends
 * where an uninterrupted one does. Where phases follow each other, each has its own best epoch.
 */
public final class EarlyStopping {
    private final int patience;
    private final Metric metric;
    private final double minimumDelta;

    private EarlyStopping(int patience, Metric metric, double minimumDelta) {
        this.patience = patience;
        this.metric = metric;
        this.minimumDelta = minimumDelta;
    }

    /**
     * Ends a training after some epochs without improvement of the validation loss.
     *
     * @param epochs how many, 1 or more
     * @return the rule
     */
    public static EarlyStopping patience(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("The patience must be 1 epoch or more, but is " + epochs);
        }
        return new EarlyStopping(epochs, Metric.VALIDATION_LOSS, 0);
    }

    /**
     * Compares epochs by another figure.
     *
     * @param metric default {@link Metric#VALIDATION_LOSS}; the validation metrics need validation images
     * @return a new rule
     */
    public EarlyStopping monitor(Metric metric) {
        return new EarlyStopping(patience, Objects.requireNonNull(metric, "metric"), minimumDelta);
    }

    /**
     * Sets what counts as better.
     *
     * @param delta an epoch has to improve on the best one by more than this; 0 or more, default 0
     * @return a new rule
     */
    public EarlyStopping minimumDelta(double delta) {
        if (!(delta >= 0) || Double.isInfinite(delta)) {
            throw new IllegalArgumentException("The minimum delta must be finite and not negative, but is " + delta);
        }
        return new EarlyStopping(patience, metric, delta);
    }

    /**
     * The figure by which epochs are compared.
     *
     * @return the metric
     */
    public Metric metric() {
        return metric;
    }

    /**
     * The epoch whose weights are kept.
     *
     * @param history a training so far; only the epochs of its last phase count
     * @return empty while no epoch has a figure that is a number
     */
    public Optional<EpochRecord> best(TrainingHistory history) {
        return Optional.ofNullable(progress(history).best);
    }

    /**
     * Whether the training ends here.
     *
     * @param history a training so far; only the epochs of its last phase count
     * @return true if the last {@code patience} epochs brought no improvement
     */
    public boolean stops(TrainingHistory history) {
        return progress(history).waited >= patience;
    }

    private Progress progress(TrainingHistory history) {
        Progress progress = new Progress();
        int phase = history.last().map(EpochRecord::phase).orElse(1);
        for (EpochRecord record : history.epochs()) {
            if (record.phase() == phase) {
                progress.add(record);
            }
        }
        return progress;
    }

    /** The best epoch so far, and how many came after it. */
    private final class Progress {
        private @Nullable EpochRecord best;
        private double bestValue;
        private int waited;

        void add(EpochRecord record) {
            OptionalDouble value = metric.of(record);
            boolean better = value.isPresent()
                    && !Double.isNaN(value.getAsDouble())
                    && (best == null || metric.gain(value.getAsDouble(), bestValue) > minimumDelta);
            if (better) {
                best = record;
                bestValue = value.getAsDouble();
                waited = 0;
            } else {
                waited++;
            }
        }
    }

    @Override
    public String toString() {
        return "patience " + patience + ", " + metric + ", minimum delta " + minimumDelta;
    }
}
