package org.transfer4j.training;

/** A schedule that knows how many epochs it has. */
final class FixedLengthSchedule extends Schedule {
    final Schedule schedule;
    final int epochs;

    FixedLengthSchedule(Schedule schedule, int epochs) {
        this.schedule = schedule;
        this.epochs = epochs;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        return schedule.rate(highest, progress.withEpochs(epochs));
    }

    @Override
    public void requireFits(int all) {
        if (all > epochs) {
            throw new IllegalArgumentException(
                    "the schedule (" + schedule + ") ends after " + epochs + " epochs, but the training has " + all);
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
