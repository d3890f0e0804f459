package org.transfer4j.training;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes the figures of each epoch to a CSV file as soon as they are there, in the columns of {@link
 * TrainingHistory#toCsv()}: what was learned before a crash can still be read. Where an earlier training is gone on with,
 * its epochs come first; of one that was loaded from a model file they have no timing.
 */
public final class CsvLogger implements FitListener {
    private final Path file;
    private TrainingHistory earlier = TrainingHistory.empty();
    private boolean begun;

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
        SideFile.requireWritable(file, "the figures of epochs");
        earlier = TrainingHistory.empty();
        begun = false;
    }

    @Override
    public void fitContinued(TrainingHistory history) {
        earlier = history;
    }

    @Override
    public void epochFinished(EpochRecord record) {
        String what = "the figures of epoch " + record.epoch();
        if (begun && record.epoch() > 1) {
            SideFile.write(
                    file,
                    what,
                    record.csv().getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.APPEND,
                    StandardOpenOption.CREATE);
        } else {
            String lines = earlier.toCsv() + record.csv();
            SideFile.write(file, what, lines.getBytes(StandardCharsets.UTF_8));
            begun = true;
        }
    }
}
