package org.transfer4j.internal.tail;

import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The learning rate that the trainer chose for a step, in the place where ND4J's updaters look for theirs. DL4J's own
 * way to set a rate builds the updaters anew.
 */
public final class HandedRate implements ISchedule {
    private static final long serialVersionUID = 1L;

    private volatile double rate;

    /** Chooses it. */
    public void set(double next) {
        rate = next;
    }

    /** Makes an updater that has a rate take a part of it from here. */
    public IUpdater handedTo(IUpdater updater, double part) {
        if (updater.hasLearningRate()) {
            updater.setLrAndSchedule(0, part == 1 ? this : new Part(this, part));
        }
        return updater;
    }

    /** Equal where the part is: DL4J puts layers with equal updaters together. */
    private record Part(HandedRate whole, double part) implements ISchedule {
        @Override
        public double valueAt(int iteration, int epoch) {
            return whole.valueAt(iteration, epoch) * part;
        }

        @Override
        public ISchedule clone() {
            return this;
        }
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
