package org.transfer4j.training;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Keeps a plot of a fit in a PNG file, drawn anew after each epoch, of an earlier training's epochs too where that is gone on
 * with: see {@link TrainingHistory#plot}.
 */
public final class HistoryPlotter implements FitListener {
    private final Path file;
    private TrainingHistory history = TrainingHistory.empty();

    /**
     * Names the file.
     *
     * @param file where the picture is written; replaced if it exists, whole or not at all
     */
    public HistoryPlotter(Path file) {
        this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * Checks that the file can be written.
     *
     * @throws java.io.UncheckedIOException if not; the fit does not begin then
     */
    @Override
    public void fitStarting() {
        SideFile.requireWritable(file, "plot");
        history = TrainingHistory.empty();
    }

    @Override
    public void fitContinued(TrainingHistory earlier) {
        history = earlier;
    }

    @Override
    public void epochFinished(EpochRecord record) {
        boolean anotherFit =
                history.last().filter(last -> last.epoch() >= record.epoch()).isPresent();
        history = (anotherFit ? TrainingHistory.empty() : history).with(record);
        history.plot(file);
    }
}
