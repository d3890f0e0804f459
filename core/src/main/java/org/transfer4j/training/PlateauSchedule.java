package org.transfer4j.training;

/** A lower rate each time that the loss stopped falling. What happened before is worked out anew from the losses. */
final class PlateauSchedule extends Schedule {
    /** Keras' {@code min_delta}: what falls by less does not count as falling. */
    private static final double SMALLEST_FALL = 1e-4;

    final double factor;
    final int patience;

    PlateauSchedule(double factor, int patience) {
        this.factor = factor;
        this.patience = patience;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        double rate = highest;
        double lowest = Double.POSITIVE_INFINITY;
        int waited = 0;
        for (double loss : progress.losses()) {
            if (loss < lowest - SMALLEST_FALL) {
                lowest = loss;
                waited = 0;
            } else if (++waited >= patience) {
                rate *= factor;
                waited = 0;
            }
        }
        return rate;
    }

    @Override
    public String toString() {
        return "times " + factor + " after " + patience + " epochs without a lower loss";
    }
}
