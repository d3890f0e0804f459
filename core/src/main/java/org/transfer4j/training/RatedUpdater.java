package org.transfer4j.training;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/** What ND4J wants of an updater of ours: a learning rate or a schedule of it, and one value of state a parameter. */
abstract class RatedUpdater implements IUpdater {
    private static final long serialVersionUID = 1L;

    private double learningRate;

    @SuppressWarnings("serial") // ND4J's schedules are serializable
    private @Nullable ISchedule learningRateSchedule;

    RatedUpdater(double learningRate, @Nullable ISchedule schedule) {
        this.learningRate = learningRate;
        this.learningRateSchedule = schedule;
    }

    @Nullable
    ISchedule schedule() {
        return learningRateSchedule;
    }

    double rate() {
        return learningRate;
    }

    /** Turns a gradient into what is taken off the parameters. */
    abstract void update(INDArray gradient, INDArray state, double rate);

    @Override
    public final double getLearningRate(int iteration, int epoch) {
        return learningRateSchedule == null ? learningRate : learningRateSchedule.valueAt(iteration, epoch);
    }

    @Override
    public final boolean hasLearningRate() {
        return true;
    }

    @Override
    public final void setLrAndSchedule(double rate, @Nullable ISchedule schedule) {
        learningRate = rate;
        learningRateSchedule = schedule;
    }

    @Override
    public final long stateSize(long parameters) {
        return parameters;
    }

    @Override
    public final GradientUpdater<?> instantiate(INDArray state, boolean initialize) {
        return new Stateful(this, initialize ? state.assign(0) : state);
    }

    @Override
    public final GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
        return instantiate(Objects.requireNonNull(state.get(Stateful.STATE), Stateful.STATE), initialize);
    }

    @Override
    public abstract IUpdater clone();

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RatedUpdater that
                && getClass() == that.getClass()
                && Double.compare(learningRate, that.learningRate) == 0
                && Objects.equals(learningRateSchedule, that.learningRateSchedule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass(), learningRate, learningRateSchedule);
    }

    /** One of our updaters at work on some parameters. */
    private static final class Stateful implements GradientUpdater<RatedUpdater> {
        /** The name of the state. */
        static final String STATE = "V";

        private final RatedUpdater updater;
        private INDArray state;

        Stateful(RatedUpdater updater, INDArray state) {
            this.updater = updater;
            this.state = state;
        }

        @Override
        public RatedUpdater getConfig() {
            return updater;
        }

        @Override
        public void setState(Map<String, INDArray> states, boolean initialize) {
            setStateViewArray(Objects.requireNonNull(states.get(STATE), STATE), new long[0], 'c', initialize);
        }

        @Override
        public Map<String, INDArray> getState() {
            return Map.of(STATE, state);
        }

        @Override
        public void setStateViewArray(INDArray view, long[] gradientShape, char gradientOrder, boolean initialize) {
            state = initialize ? view.assign(0) : view;
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            updater.update(gradient, state.reshape(gradient.shape()), updater.getLearningRate(iteration, epoch));
        }
    }
}
