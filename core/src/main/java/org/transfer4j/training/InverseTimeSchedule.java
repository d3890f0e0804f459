package org.transfer4j.training;

/** The decay that the optimizers of Keras 1 and 2 have. */
final class InverseTimeSchedule extends Schedule {
    private final double decay;

    InverseTimeSchedule(double decay) {
        this.decay = decay;
    }

    double decay() {
        return decay;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        return highest / (1 + decay * progress.step());
    }

    @Override
    public String toString() {
        return "decay " + decay;
    }
}
