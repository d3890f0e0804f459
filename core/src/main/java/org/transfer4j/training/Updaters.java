package org.transfer4j.training;

import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Our optimizers as ND4J's updaters. */
final class Updaters {
    private Updaters() {}

    static IUpdater sgd(double learningRate, double decay, double momentum) {
        if (momentum > 0) {
            return new Nesterovs(schedule(learningRate, decay), momentum);
        }
        return decay > 0 ? new Sgd(schedule(learningRate, decay)) : new Sgd(learningRate);
    }

    static IUpdater adam(double learningRate, double decay) {
        return decay > 0
                ? Adam.builder()
                        .learningRate(learningRate)
                        .learningRateSchedule(schedule(learningRate, decay))
                        .build()
                : new Adam(learningRate);
    }

    /** Keras' {@code lr / (1 + decay * iteration)} is ND4J's inverse schedule with power 1. */
    private static ISchedule schedule(double learningRate, double decay) {
        return decay > 0
                ? new InverseSchedule(ScheduleType.ITERATION, learningRate, decay, 1)
                : new FixedSchedule(learningRate);
    }
}
