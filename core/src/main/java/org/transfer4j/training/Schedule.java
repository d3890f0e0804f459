package org.transfer4j.training;

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
public abstract sealed class Schedule
        permits ConstantSchedule,
                CosineSchedule,
                FixedLengthSchedule,
                InverseTimeSchedule,
                OneCycleSchedule,
                PlateauSchedule,
                StepSchedule,
                WarmUpSchedule {
    Schedule() {}

    /**
     * The same rate in every step. The default.
     *
     * @return the schedule
     */
    public static Schedule constant() {
        return new ConstantSchedule();
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
        return new StepSchedule(
                StepSchedule.atLeastOne("a step schedule's epochs", epochs), fraction("factor", factor));
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
        if (!(minimum >= 0 && minimum < 1)) {
            throw new IllegalArgumentException("the minimum of a cosine schedule is a fraction of the learning rate,"
                    + " at least 0 and less than 1, got " + minimum);
        }
        return new CosineSchedule(minimum);
    }

    /**
     * One cycle (L. Smith, "Super-Convergence", 2018) in fastai's form: along half a cosine from a 25th of the rate up to
     * all of it in the first quarter of the steps, then along another down to a 100,000th. Momentum stays as it is, where
     * fastai and PyTorch let it fall from 0.95 to 0.85 and rise again.
     *
     * @return the schedule
     */
    public static Schedule oneCycle() {
        return new OneCycleSchedule();
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
        if (then.rises()) {
            throw new IllegalArgumentException(
                    "a warm-up is followed by a schedule that starts at the whole learning" + " rate, got " + then);
        }
        return new WarmUpSchedule(StepSchedule.atLeastOne("a warm-up's epochs", epochs), then);
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
        return new PlateauSchedule(
                fraction("factor", factor), StepSchedule.atLeastOne("the patience, in epochs,", patience));
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
        requireFits(StepSchedule.atLeastOne("a schedule's epochs", epochs));
        return new FixedLengthSchedule(this, epochs);
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

    /** From one value to another along half a cosine, as its argument goes from 0 to 1. */
    static double alongCosine(double from, double to, double part) {
        return from + (1 - Math.cos(Math.PI * part)) / 2 * (to - from);
    }

    private static double fraction(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException("a schedule's " + what + " is between 0 and 1, got " + value);
        }
        return value;
    }
}
