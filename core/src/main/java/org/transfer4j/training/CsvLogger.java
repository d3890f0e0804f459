package org.transfer4j.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes the figures of each epoch to a CSV file as soon as they are there, in the columns of {@link
 * TrainingHistory#toCsv()}: what was learned before a crash can still be read.
 */
public final class CsvLogger implements FitListener {
    private final Path file;

    /**
     * Names the file.
     *
     * @param file replaced, if it exists, when the first epoch of a fit is over
     */
    public CsvLogger(Path file) {
        this.file = Objects.requireNonNull(file, "file");
    }

    @Override
    public void epochFinished(EpochRecord record) {
        try {
            if (record.epoch() == 1) {
                Files.writeString(file, HistoryCsv.HEADINGS + HistoryCsv.line(record));
            } else {
                Files.writeString(file, HistoryCsv.line(record), StandardOpenOption.APPEND, StandardOpenOption.CREATE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't write the figures of epoch " + record.epoch() + " to " + file, e);
        }
    }
}
