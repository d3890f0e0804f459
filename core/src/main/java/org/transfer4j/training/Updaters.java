package org.transfer4j.training;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Our optimizers as ND4J's updaters. Of the schedules ND4J knows Keras' decay; the others are left to the trainer. */
final class Updaters {
    private Updaters() {}

    static IUpdater sgd(double learningRate, Schedule schedule) {
        ISchedule decay = decay(learningRate, schedule);
        return decay == null ? new Sgd(learningRate) : new Sgd(decay);
    }

    static IUpdater momentum(double learningRate, Schedule schedule, double momentum) {
        return new Own.HeavyBall(learningRate, decay(learningRate, schedule), momentum);
    }

    static IUpdater nesterov(double learningRate, Schedule schedule, double momentum) {
        ISchedule decay = decay(learningRate, schedule);
        return new Nesterovs(decay == null ? new FixedSchedule(learningRate) : decay, momentum);
    }

    static IUpdater adam(double learningRate, Schedule schedule) {
        ISchedule decay = decay(learningRate, schedule);
        return decay == null
                ? new Adam(learningRate)
                : Adam.builder()
                        .learningRate(learningRate)
                        .learningRateSchedule(decay)
                        .build();
    }

    static IUpdater rmsProp(double learningRate, Schedule schedule) {
        return new Own.RmsProp(learningRate, decay(learningRate, schedule));
    }

    /** A copy; ND4J's AdaGrad forgets its schedule when it is cloned. */
    static IUpdater copy(IUpdater updater) {
        if (updater.getClass().getPackageName().equals(Sgd.class.getPackageName())) {
            requireFloats(updater);
        }
        IUpdater copy = updater.clone();
        if (updater instanceof AdaGrad adaGrad && adaGrad.getLearningRateSchedule() != null) {
            copy.setLrAndSchedule(
                    adaGrad.getLearningRate(), adaGrad.getLearningRateSchedule().clone());
        }
        return copy;
    }

    /** ND4J's numbers are doubles, but it computes with floats: an epsilon that is zero there divides zero by zero. */
    private static void requireFloats(IUpdater updater) {
        for (Method getter : updater.getClass().getMethods()) {
            if (getter.getReturnType() == double.class && getter.getParameterCount() == 0) {
                double value = number(updater, getter);
                String name = getter.getName().substring("get".length());
                String difference = OptimizerSettings.asFloat(value);
                // a rate may come to one, but not what is kept of a moment
                boolean rate = name.equals("LearningRate") && (float) value == 1;
                if (!rate && !difference.isEmpty()) {
                    throw new IllegalArgumentException(
                            "the numbers of an updater must be about the same as floats, but the " + name + " of "
                                    + updater + " is " + value + difference);
                }
            }
        }
    }

    private static double number(IUpdater updater, Method getter) {
        try {
            return (double) getter.invoke(updater);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't read " + getter.getName() + " of " + updater, e);
        }
    }

    /** Keras' {@code lr / (1 + decay * iteration)} is ND4J's inverse schedule with power 1. */
    private static @Nullable ISchedule decay(double learningRate, Schedule schedule) {
        return schedule instanceof Schedule.InverseTime inverse && inverse.decay > 0
                ? new InverseSchedule(ScheduleType.ITERATION, learningRate, inverse.decay, 1)
                : null;
    }

    /**
     * An updater that ND4J has not, of a learning rate or a schedule of it, and one value of state a parameter. Each is a class,
     * as ND4J's are: what updaters of one class remember means the same.
     */
    abstract static class Own implements IUpdater {
        private static final long serialVersionUID = 1L;

        private double learningRate;

        @SuppressWarnings("serial") // ND4J's schedules are serializable
        private @Nullable ISchedule learningRateSchedule;

        private Own(double learningRate, @Nullable ISchedule schedule) {
            this.learningRate = learningRate;
            this.learningRateSchedule = schedule;
        }

        /** Turns a gradient into what is taken off the parameters. */
        abstract void update(INDArray gradient, INDArray state, double rate);

        abstract Own copy(double rate, @Nullable ISchedule schedule);

        /** What it does, with what it has besides the learning rate. */
        abstract String rule();

        /**
         * Gradient descent with plain momentum (B. Polyak, 1964): v = momentum * v - rate * gradient, w = w + v, as in Keras.
         */
        static final class HeavyBall extends Own {
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
            Own copy(double rate, @Nullable ISchedule schedule) {
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
        static final class RmsProp extends Own {
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
            Own copy(double rate, @Nullable ISchedule schedule) {
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
        public Own clone() {
            return copy(learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Own that
                    && rule().equals(that.rule())
                    && Double.compare(learningRate, that.learningRate) == 0
                    && Objects.equals(learningRateSchedule, that.learningRateSchedule);
        }

        @Override
        public int hashCode() {
            return Objects.hash(rule(), learningRate, learningRateSchedule);
        }

        /** One of our updaters at work on some parameters. */
        private static final class Stateful implements GradientUpdater<Own> {
            /** The name of the state. */
            static final String STATE = "V";

            private final Own updater;
            private INDArray state;

            Stateful(Own updater, INDArray state) {
                this.updater = updater;
                this.state = state;
            }

            @Override
            public Own getConfig() {
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
}
