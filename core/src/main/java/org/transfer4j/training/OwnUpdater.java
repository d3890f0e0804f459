package org.transfer4j.training;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;

/** An updater that ND4J has not, of a learning rate or a schedule of it, and one value of state a parameter. */
final class OwnUpdater implements IUpdater {
    private static final long serialVersionUID = 1L;

    private final Rule rule;
    private final double momentum;
    private double learningRate;

    @SuppressWarnings("serial") // ND4J's schedules are serializable
    private @Nullable ISchedule learningRateSchedule;

    /** What turns a gradient into what is taken off the parameters. */
    private enum Rule {
        /**
         * Gradient descent with plain momentum (B. Polyak, 1964): v = momentum * v - rate * gradient, w = w + v, as in
         * Keras.
         */
        HEAVY_BALL {
            @Override
            void update(INDArray gradient, INDArray velocity, double rate, double momentum) {
                velocity.muli(momentum).subi(gradient.muli(rate));
                gradient.assign(velocity).negi();
            }
        },

        /**
         * RMSProp (T. Hinton, 2012) as in Keras: v = 0.9 v + 0.1 gradient², w = w - rate * gradient / sqrt(v + 1e-7), v
         * starting at zero. ND4J's has 0.95, starts at epsilon (1e-8) and adds epsilon to the root.
         */
        RMS_PROP {
            @Override
            void update(INDArray gradient, INDArray square, double rate, double momentum) {
                square.muli(0.9).addi(gradient.mul(gradient).muli(1 - 0.9));
                gradient.muli(rate).divi(Transforms.sqrt(square.add(1e-7), false));
            }
        };

        abstract void update(INDArray gradient, INDArray state, double rate, double momentum);
    }

    private OwnUpdater(Rule rule, double learningRate, @Nullable ISchedule schedule, double momentum) {
        this.rule = rule;
        this.learningRate = learningRate;
        this.learningRateSchedule = schedule;
        this.momentum = momentum;
    }

    static IUpdater heavyBall(double learningRate, @Nullable ISchedule schedule, double momentum) {
        return new OwnUpdater(Rule.HEAVY_BALL, learningRate, schedule, momentum);
    }

    static IUpdater rmsProp(double learningRate, @Nullable ISchedule schedule) {
        return new OwnUpdater(Rule.RMS_PROP, learningRate, schedule, 0);
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
        ISchedule schedule = learningRateSchedule == null ? null : learningRateSchedule.clone();
        return new OwnUpdater(rule, learningRate, schedule, momentum);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OwnUpdater that
                && rule == that.rule
                && Double.compare(learningRate, that.learningRate) == 0
                && Double.compare(momentum, that.momentum) == 0
                && Objects.equals(learningRateSchedule, that.learningRateSchedule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(rule, learningRate, momentum, learningRateSchedule);
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
            updater.rule.update(gradient, state.reshape(gradient.shape()), rate, updater.momentum);
        }
    }
}
