package org.transfer4j.training;

/** The same rate in every step. */
final class ConstantSchedule extends Schedule {
    @Override
    public double rate(double highest, TrainingProgress progress) {
        return highest;
    }

    @Override
    public String toString() {
        return "constant";
    }
}
