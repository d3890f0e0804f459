package org.transfer4j.training;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes the figures of each epoch to a CSV file as soon as they are there, in the columns of {@link
 * TrainingHistory#toCsv()}: what was learned before a crash can still be read. Where an earlier training is gone on with,
 * its epochs come first; of one that was loaded from a model file they have no timing. Where an epoch can't be written, as on a full
 * disk, those before it stay, and it follows with the next one.
 */
public final class CsvLogger implements FitListener {
    private final Path file;
    private TrainingHistory history = TrainingHistory.empty();

    /** Whether the file has all epochs so far, and no part of a line behind them. */
    private boolean written;

    /**
     * Names the file.
     *
     * @param file replaced, if it exists, when the first epoch of a fit is over
     */
    public CsvLogger(Path file) {
        this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * Checks that the file can be written.
     *
     * @throws java.io.UncheckedIOException if not; the fit does not begin then
     */
    @Override
    public void fitStarting() {
        SideFile.requireWritable(file, "figures of epochs");
        history = TrainingHistory.empty();
        written = false;
    }

    @Override
    public void fitContinued(TrainingHistory earlier) {
        history = earlier;
    }

    @Override
    public void epochFinished(EpochRecord record) {
        boolean anotherFit =
                history.last().filter(last -> last.epoch() >= record.epoch()).isPresent();
        boolean follows = written && !anotherFit;
        history = (anotherFit ? TrainingHistory.empty() : history).with(record);
        String what = "figures of epoch " + record.epoch();
        written = false;
        if (follows) {
            SideFile.append(file, what, record.csv().getBytes(StandardCharsets.UTF_8));
        } else {
            SideFile.replace(file, what, history.toCsv().getBytes(StandardCharsets.UTF_8));
        }
        written = true;
    }
}
