package org.transfer4j;

import java.time.Duration;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;

/** Looks at clock and memory while a little of a fit is tried, and ends the trial when it has seen enough. */
final class TrialWatch implements FitListener {
    private static final double ENOUGH_SECONDS = 1;
    private static final int ENOUGH_EPOCHS = 3;
    private static final int FEWEST_STEPS = 4;

    private long passStart;
    private long passFirst;
    private long passLast;
    private long rowsFirst;
    private long rowsLast;
    private double warmUp = -1;
    private long start;
    private long epochStart;
    private long stepFirst;
    private long stepLast;
    private int steps;
    private int epochs;
    private double fullEpoch = Double.NaN;
    private long memory;

    /** Thrown when enough was seen. */
    static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Enough() {
            super("a trial is over", null, false, false);
        }
    }

    @Override
    public void featuresStarted(long images) {
        passStart = System.nanoTime();
        passFirst = 0;
        rowsFirst = 0;
        lookAtMemory();
    }

    @Override
    public void featuresAdvanced(long images) {
        passLast = System.nanoTime();
        rowsLast = images;
        if (rowsFirst == 0) {
            passFirst = passLast;
            rowsFirst = images;
        }
        lookAtMemory();
    }

    @Override
    public void featuresFinished(long images) {
        if (warmUp < 0) {
            warmUp = Math.max(0, seconds(passStart, passFirst) - rowsFirst * secondsPerRow());
        }
    }

    /** Whether the last feature pass was too short to tell much. */
    boolean wantsLongerPass() {
        return rowsLast > 0 && seconds(passStart, passLast) < ENOUGH_SECONDS / 2;
    }

    private double secondsPerRow() {
        return rowsLast > rowsFirst
                ? seconds(passFirst, passLast) / (rowsLast - rowsFirst)
                : seconds(passStart, passLast) / rowsLast;
    }

    /** The time in which so many rows would be computed; zero where there was no pass. */
    Duration featurePass(long rows) {
        return rowsLast == 0 || rows == 0 ? Duration.ZERO : duration(warmUp + rows * secondsPerRow());
    }

    @Override
    public void epochStarted(int epoch, int all, long images) {
        epochStart = System.nanoTime();
        start = start == 0 ? epochStart : start;
        steps = 0;
        lookAtMemory();
    }

    @Override
    public void batchFinished(long iteration, long images, double loss) {
        stepLast = System.nanoTime();
        steps++;
        if (steps == 1) {
            stepFirst = stepLast;
        }
        lookAtMemory();
        if (steps >= FEWEST_STEPS && seconds(stepFirst, stepLast) > ENOUGH_SECONDS) {
            throw new Enough();
        }
    }

    @Override
    public void epochFinished(EpochRecord record) {
        // the first is slower than the others
        fullEpoch = seconds(epochStart, System.nanoTime());
        epochs++;
        if (epochs >= ENOUGH_EPOCHS && seconds(start, System.nanoTime()) > ENOUGH_SECONDS / 2) {
            throw new Enough();
        }
    }

    /** The time of an epoch of so many steps. */
    Duration epoch(long all) {
        double bySteps = all * (steps > 1 ? seconds(stepFirst, stepLast) / (steps - 1) : seconds(epochStart, stepLast));
        return duration(Double.isNaN(fullEpoch) ? bySteps : fullEpoch);
    }

    void lookAtMemory() {
        memory = Math.max(memory, Pointer.physicalBytes());
    }

    /** The most that the process held. */
    long memory() {
        return memory;
    }

    static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
