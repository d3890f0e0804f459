package org.transfer4j.training;

/** A lower rate every few epochs. */
final class StepSchedule extends Schedule {
    final int epochs;
    final double factor;

    StepSchedule(int epochs, double factor) {
        this.epochs = epochs;
        this.factor = factor;
    }

    static int atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be 1 or more, got " + value);
        }
        return value;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        long falls = progress.epoch() / epochs;
        return highest * Math.pow(factor, (double) falls);
    }

    @Override
    public String toString() {
        return "times " + factor + " every " + epochs + " epochs";
    }
}
