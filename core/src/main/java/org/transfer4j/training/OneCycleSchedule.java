package org.transfer4j.training;

/** Up and down once, with the numbers of fastai's {@code fit_one_cycle}. */
final class OneCycleSchedule extends Schedule {
    private static final double FIRST = 1.0 / 25;
    private static final double LAST = 1e-5;
    private static final double RISE = 0.25;

    @Override
    public double rate(double highest, TrainingProgress progress) {
        double part = progress.part();
        return part < RISE
                ? alongCosine(highest * FIRST, highest, part / RISE)
                : alongCosine(highest, highest * LAST, (part - RISE) / (1 - RISE));
    }

    @Override
    boolean rises() {
        return true;
    }

    @Override
    public String toString() {
        return "one cycle";
    }
}
