package org.transfer4j.training;

/** Up in equal steps, then another schedule. */
final class WarmUpSchedule extends Schedule {
    final int epochs;
    final Schedule then;

    WarmUpSchedule(int epochs, Schedule then) {
        this.epochs = epochs;
        this.then = then;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        long steps = epochs * progress.stepsPerEpoch();
        return progress.step() < steps
                ? highest * (progress.step() + 1) / steps
                : then.rate(highest, progress.after(epochs));
    }

    @Override
    public void requireFits(int all) {
        if (all <= epochs) {
            throw new IllegalArgumentException("the warm-up takes " + epochs + " epochs, but the training has " + all
                    + ": nothing is left for what follows (" + then + ")");
        }
        then.requireFits(all - epochs);
    }

    @Override
    boolean rises() {
        return true;
    }

    @Override
    public String toString() {
        return "warm-up of " + epochs + " epochs, then " + then;
    }
}
