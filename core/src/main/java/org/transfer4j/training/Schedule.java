package org.transfer4j.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;

/**
 * How the learning rate changes during a training. The optimizer's own rate is the highest; a schedule says what of it
 * a step gets. A pure function of the {@link TrainingProgress}: the same step of the same training has the same rate.
 * Immutable.
 *
 * <pre>{@code
 * Optimizer.adamW(1e-3).schedule(Schedule.warmUp(2, Schedule.cosine()))
 * Optimizer.sgd(0.1).momentum(0.9).schedule(Schedule.oneCycle())
 * }</pre>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Schedule.Constant.class, name = "constant"),
    @JsonSubTypes.Type(value = Schedule.OneCycle.class, name = "oneCycle"),
    @JsonSubTypes.Type(value = Schedule.Cosine.class, name = "cosine"),
    @JsonSubTypes.Type(value = Schedule.Step.class, name = "step"),
    @JsonSubTypes.Type(value = Schedule.Plateau.class, name = "plateau"),
    @JsonSubTypes.Type(value = Schedule.InverseTime.class, name = "inverseTime"),
    @JsonSubTypes.Type(value = Schedule.WarmUp.class, name = "warmUp"),
    @JsonSubTypes.Type(value = Schedule.Over.class, name = "over")
})
public abstract sealed class Schedule {
    Schedule() {}

    /**
     * The same rate in every step. The default.
     *
     * @return the schedule
     */
    public static Schedule constant() {
        return new Constant();
    }

    /**
     * Multiplies the rate by a factor every few epochs (PyTorch's {@code StepLR}).
     *
     * @param epochs after how many epochs each time, 1 or more
     * @param factor between 0 and 1, both excluded; 0.1 is the usual one
     * @return the schedule
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static Schedule step(int epochs, double factor) {
        return new Step(epochs, factor);
    }

    /**
     * Falls to zero along half a cosine: {@link #cosine(double)} with 0.
     *
     * @return the schedule
     */
    public static Schedule cosine() {
        return cosine(0);
    }

    /**
     * Falls along half a cosine (I. Loshchilov and F. Hutter, "SGDR", 2017, without restarts; Keras' {@code
     * CosineDecay} with this as its {@code alpha}): rate * (minimum + (1 - minimum) * (1 + cos(pi * t / T)) / 2) in step
     * t, counted from 0, of T.
     *
     * @param minimum what is left of the rate after the last step, as a fraction: at least 0 and less than 1
     * @return the schedule
     * @throws IllegalArgumentException if the fraction is out of its range
     */
    public static Schedule cosine(double minimum) {
        return new Cosine(minimum);
    }

    /**
     * One cycle (L. Smith, "Super-Convergence", 2018) in fastai's form: along half a cosine from a 25th of the rate up to
     * all of it in the first quarter of the steps, then along another down to a 100,000th. Momentum stays as it is, where
     * fastai and PyTorch let it fall from 0.95 to 0.85 and rise again.
     *
     * @return the schedule
     */
    public static Schedule oneCycle() {
        return new OneCycle();
    }

    /**
     * Rises in equal steps to the whole rate (P. Goyal et al., "Accurate, Large Minibatch SGD", 2017), then follows
     * another schedule, which sees what is left of the training as if it were all of it.
     *
     * @param epochs how long the rise takes, 1 or more, fewer than the training has
     * @param then what follows, not a warm-up or one-cycle, which rise by themselves
     * @return the schedule
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static Schedule warmUp(int epochs, Schedule then) {
        Objects.requireNonNull(then, "then");
        return new WarmUp(epochs, then);
    }

    /**
     * Multiplies the rate by a factor where the loss stopped falling (Keras' {@code ReduceLROnPlateau}): after so many
     * epochs in a row in which it did not get below the lowest one so far by more than 1e-4, each time from the next
     * epoch on. It is the loss on the validation data, or on the training data where there are none.
     *
     * @param factor between 0 and 1, both excluded; Keras' default is 0.1
     * @param patience how many epochs, 1 or more; Keras' default is 10
     * @return the schedule
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static Schedule reduceOnPlateau(double factor, int patience) {
        return new Plateau(factor, patience);
    }

    /**
     * This schedule for a training of exactly so many epochs, whatever the fit says; a fit may end earlier, but not go on
     * after it. Without this call a schedule spans all epochs of the fit.
     *
     * @param epochs 1 or more
     * @return the schedule
     * @throws IllegalArgumentException if the number is below 1, or too small for this schedule
     */
    public Schedule over(int epochs) {
        return new Over(epochs, this);
    }

    /**
     * The learning rate of a step.
     *
     * @param highest the optimizer's learning rate
     * @param progress where the training stands
     * @return the rate of the next step, from 0 to the highest
     */
    public abstract double rate(double highest, TrainingProgress progress);

    /**
     * Checks that the schedule lasts.
     *
     * @param epochs how many a training has
     * @throws IllegalArgumentException if the schedule ends before, or leaves no epoch for its last part
     */
    public void requireFits(int epochs) {
        // most last as long as the training does
    }

    /** Whether it starts below the whole rate. */
    boolean rises() {
        return false;
    }

    /** The decay that the optimizers of Keras 1 and 2 have; 0 for none. */
    static Schedule decay(double decay) {
        return decay > 0 ? new InverseTime(decay) : constant();
    }

    /** From one value to another along half a cosine, as its argument goes from 0 to 1. */
    static double alongCosine(double from, double to, double part) {
        return from + (1 - Math.cos(Math.PI * part)) / 2 * (to - from);
    }

    private static int atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be 1 or more, got " + value);
        }
        return value;
    }

    private static double fraction(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException("a schedule's " + what + " is between 0 and 1, got " + value);
        }
        return value;
    }

    /** The same rate in every step. */
    static final class Constant extends Schedule {
        @Override
        public double rate(double highest, TrainingProgress progress) {
            return highest;
        }

        @Override
        public String toString() {
            return "constant";
        }
    }

    /** A lower rate every few epochs. */
    static final class Step extends Schedule {
        final int epochs;
        final double factor;

        @JsonCreator
        Step(@JsonProperty("epochs") int epochs, @JsonProperty("factor") double factor) {
            this.epochs = atLeastOne("a step schedule's epochs", epochs);
            this.factor = fraction("factor", factor);
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            long falls = progress.epoch() / epochs;
            return highest * Math.pow(factor, (double) falls);
        }

        @Override
        public String toString() {
            return "times " + factor + " every " + epochs + " epochs";
        }
    }

    /** Down along half a cosine. */
    static final class Cosine extends Schedule {
        final double minimum;

        @JsonCreator
        Cosine(@JsonProperty("minimum") double minimum) {
            if (!(minimum >= 0 && minimum < 1)) {
                throw new IllegalArgumentException(
                        "the minimum of a cosine schedule is a fraction of the learning rate,"
                                + " at least 0 and less than 1, got " + minimum);
            }
            this.minimum = minimum;
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            return alongCosine(highest, highest * minimum, progress.part());
        }

        @Override
        public String toString() {
            return "cosine to " + minimum;
        }
    }

    /** Up and down once, with the numbers of fastai's {@code fit_one_cycle}. */
    static final class OneCycle extends Schedule {
        private static final double FIRST = 1.0 / 25;
        private static final double LAST = 1e-5;
        private static final double RISE = 0.25;

        @Override
        public double rate(double highest, TrainingProgress progress) {
            double part = progress.part();
            return part < RISE
                    ? alongCosine(highest * FIRST, highest, part / RISE)
                    : alongCosine(highest, highest * LAST, (part - RISE) / (1 - RISE));
        }

        @Override
        boolean rises() {
            return true;
        }

        @Override
        public String toString() {
            return "one cycle";
        }
    }

    /** Up in equal steps, then another schedule. */
    static final class WarmUp extends Schedule {
        final int epochs;
        final Schedule then;

        @JsonCreator
        WarmUp(@JsonProperty("epochs") int epochs, @JsonProperty("then") Schedule then) {
            if (then.rises()) {
                throw new IllegalArgumentException(
                        "a warm-up is followed by a schedule that starts at the whole learning" + " rate, got " + then);
            }
            this.epochs = atLeastOne("a warm-up's epochs", epochs);
            this.then = then;
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            long steps = epochs * progress.stepsPerEpoch();
            return progress.step() < steps
                    ? highest * (progress.step() + 1) / steps
                    : then.rate(highest, progress.after(epochs));
        }

        @Override
        public void requireFits(int all) {
            if (all <= epochs) {
                throw new IllegalArgumentException("the warm-up takes " + epochs + " epochs, but the training has "
                        + all + ": nothing is left for what follows (" + then + ")");
            }
            then.requireFits(all - epochs);
        }

        @Override
        boolean rises() {
            return true;
        }

        @Override
        public String toString() {
            return "warm-up of " + epochs + " epochs, then " + then;
        }
    }

    /** A lower rate each time that the loss stopped falling. What happened before is worked out anew from the losses. */
    static final class Plateau extends Schedule {
        /** Keras' {@code min_delta}: what falls by less does not count as falling. */
        private static final double SMALLEST_FALL = 1e-4;

        final double factor;
        final int patience;

        @JsonCreator
        Plateau(@JsonProperty("factor") double factor, @JsonProperty("patience") int patience) {
            this.factor = fraction("factor", factor);
            this.patience = atLeastOne("the patience, in epochs,", patience);
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            double rate = highest;
            double lowest = Double.POSITIVE_INFINITY;
            int waited = 0;
            for (double loss : progress.losses()) {
                if (loss < lowest - SMALLEST_FALL) {
                    lowest = loss;
                    waited = 0;
                } else if (++waited >= patience) {
                    rate *= factor;
                    waited = 0;
                }
            }
            return rate;
        }

        @Override
        public String toString() {
            return "times " + factor + " after " + patience + " epochs without a lower loss";
        }
    }

    /** The decay that the optimizers of Keras 1 and 2 have. */
    static final class InverseTime extends Schedule {
        final double decay;

        @JsonCreator
        InverseTime(@JsonProperty("decay") double decay) {
            if (!(decay > 0) || Double.isInfinite(decay)) {
                throw new IllegalArgumentException("the decay must be positive and finite, got " + decay);
            }
            this.decay = decay;
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            return highest / (1 + decay * progress.step());
        }

        @Override
        public String toString() {
            return "decay " + decay;
        }
    }

    /** A schedule that knows how many epochs it has. */
    static final class Over extends Schedule {
        final int epochs;
        final Schedule schedule;

        @JsonCreator
        Over(@JsonProperty("epochs") int epochs, @JsonProperty("schedule") Schedule schedule) {
            schedule.requireFits(atLeastOne("a schedule's epochs", epochs));
            this.epochs = epochs;
            this.schedule = schedule;
        }

        @Override
        public double rate(double highest, TrainingProgress progress) {
            return schedule.rate(highest, progress.withEpochs(epochs));
        }

        @Override
        public void requireFits(int all) {
            if (all > epochs) {
                throw new IllegalArgumentException("the schedule (" + schedule + ") ends after " + epochs
                        + " epochs, but the training has " + all);
            }
        }

        @Override
        boolean rises() {
            return schedule.rises();
        }

        @Override
        public String toString() {
            return schedule + " over " + epochs + " epochs";
        }
    }
}
