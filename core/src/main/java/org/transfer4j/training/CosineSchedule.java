package org.transfer4j.training;

/** Down along half a cosine. */
final class CosineSchedule extends Schedule {
    final double minimum;

    CosineSchedule(double minimum) {
        this.minimum = minimum;
    }

    @Override
    public double rate(double highest, TrainingProgress progress) {
        return alongCosine(highest, highest * minimum, progress.part());
    }

    @Override
    public String toString() {
        return "cosine to " + minimum;
    }
}
