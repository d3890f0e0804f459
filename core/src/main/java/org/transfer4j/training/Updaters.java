package org.transfer4j.training;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
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
        return new OwnUpdater.HeavyBall(learningRate, decay(learningRate, schedule), momentum);
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
        return new OwnUpdater.RmsProp(learningRate, decay(learningRate, schedule));
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
}
