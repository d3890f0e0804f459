package org.transfer4j.training;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An updater that ND4J has not, of a learning rate or a schedule of it, and one value of state a parameter. Each is a class,
 * as ND4J's are: what updaters of one class remember means the same.
 */
abstract class OwnUpdater implements IUpdater {
    private static final long serialVersionUID = 1L;

    private double learningRate;

    @SuppressWarnings("serial") // ND4J's schedules are serializable
    private @Nullable ISchedule learningRateSchedule;

    private OwnUpdater(double learningRate, @Nullable ISchedule schedule) {
        this.learningRate = learningRate;
        this.learningRateSchedule = schedule;
    }

    /** Turns a gradient into what is taken off the parameters. */
    abstract void update(INDArray gradient, INDArray state, double rate);

    abstract OwnUpdater copy(double rate, @Nullable ISchedule schedule);

    /** What it does, with what it has besides the learning rate. */
    abstract String rule();

    /**
     * Gradient descent with plain momentum (B. Polyak, 1964): v = momentum * v - rate * gradient, w = w + v, as in Keras.
     */
    static final class HeavyBall extends OwnUpdater {
        private static final long serialVersionUID = 1L;

        private final double momentum;

        HeavyBall(double learningRate, @Nullable ISchedule schedule, double momentum) {
            super(learningRate, schedule);
            this.momentum = momentum;
        }

        @Override
        void update(INDArray gradient, INDArray velocity, double rate) {
            velocity.muli(momentum).subi(gradient.muli(rate));
            gradient.assign(velocity).negi();
        }

        @Override
        OwnUpdater copy(double rate, @Nullable ISchedule schedule) {
            return new HeavyBall(rate, schedule, momentum);
        }

        @Override
        String rule() {
            return "momentum " + momentum;
        }
    }

    /**
     * RMSProp (T. Hinton, 2012) as in Keras: v = 0.9 v + 0.1 gradient², w = w - rate * gradient / sqrt(v + 1e-7), v starting
     * at zero. ND4J's has 0.95, starts at epsilon (1e-8) and adds epsilon to the root.
     */
    static final class RmsProp extends OwnUpdater {
        private static final long serialVersionUID = 1L;

        RmsProp(double learningRate, @Nullable ISchedule schedule) {
            super(learningRate, schedule);
        }

        @Override
        void update(INDArray gradient, INDArray square, double rate) {
            square.muli(0.9).addi(gradient.mul(gradient).muli(1 - 0.9));
            gradient.muli(rate).divi(Transforms.sqrt(square.add(1e-7), false));
        }

        @Override
        OwnUpdater copy(double rate, @Nullable ISchedule schedule) {
            return new RmsProp(rate, schedule);
        }

        @Override
        String rule() {
            return "RMSProp";
        }
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return learningRateSchedule == null ? learningRate : learningRateSchedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double rate, @Nullable ISchedule schedule) {
        learningRate = rate;
        learningRateSchedule = schedule;
    }

    @Override
    public long stateSize(long parameters) {
        return parameters;
    }

    @Override
    public GradientUpdater<?> instantiate(INDArray state, boolean initialize) {
        return new Stateful(this, initialize ? state.assign(0) : state);
    }

    @Override
    public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
        return instantiate(Objects.requireNonNull(state.get(Stateful.STATE), Stateful.STATE), initialize);
    }

    @Override
    public OwnUpdater clone() {
        return copy(learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OwnUpdater that
                && rule().equals(that.rule())
                && Double.compare(learningRate, that.learningRate) == 0
                && Objects.equals(learningRateSchedule, that.learningRateSchedule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(rule(), learningRate, learningRateSchedule);
    }

    /** One of our updaters at work on some parameters. */
    private static final class Stateful implements GradientUpdater<OwnUpdater> {
        /** The name of the state. */
        static final String STATE = "V";

        private final OwnUpdater updater;
        private INDArray state;

        Stateful(OwnUpdater updater, INDArray state) {
            this.updater = updater;
            this.state = state;
        }

        @Override
        public OwnUpdater getConfig() {
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
            double rate = updater.getLearningRate(iteration, epoch);
            updater.update(gradient, state.reshape(gradient.shape()), rate);
        }
    }
}
