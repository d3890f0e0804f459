package org.transfer4j.internal.tail;

import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The learning rate that the trainer chose for a step, in the place where ND4J's updaters look for theirs. DL4J's own
 * way to set a rate builds the updaters anew.
 */
final class HandedRate implements ISchedule {
    private static final long serialVersionUID = 1L;

    private volatile double rate;

    void set(double next) {
        rate = next;
    }

    /** Makes an updater that has a rate take it from here. */
    IUpdater handedTo(IUpdater updater) {
        if (updater.hasLearningRate()) {
            updater.setLrAndSchedule(0, this);
        }
        return updater;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return rate;
    }

    /** Clones of an updater take their rate from the same place. */
    @Override
    @SuppressWarnings("MissingSuperCall")
    public ISchedule clone() {
        return this;
    }
}
