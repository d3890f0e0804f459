package org.transfer4j.training;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.transfer4j.internal.text.TextTable;

/**
 * What a training is expected to take, in time, memory and space on disk. Numbers of images, parameters and bytes of
 * features are exact. Times are reckoned from a few batches and hold for the machine as busy as it was then; expect them
 * to be right within a fifth, or half for jobs of a few seconds.
 *
 * @param trainingImages the number of images to learn from
 * @param validationImages the number of images to measure with; 0 where there are none, and where a DataSetIterator does not
 *     tell
 * @param parameters the number of parameters of the whole network
 * @param featureBytes the most that features take on disk at a time; with a feature cache what those of all phases take
 *     together, though some may be there already
 * @param freeBytes what is free on that disk; -1 where it can't be found out
 * @param memoryBytes the memory that the process held at most during the trial, without what is mapped from files:
 *     the Java heap as far as it was in use, the network, and the buffers for its batches. Where there are several
 *     phases, it has the network of the phase before on top. What grows with the number of images is little (the
 *     labels), but the Java heap may grow to its limit: expect the fit to hold up to a third more. 0 where the
 *     platform does not tell
 * @param memoryLimit the most that JavaCPP lets the process hold; 0 where there is no limit
 * @param phases the phases in order, at least one
 */
public record TrainingEstimate(
        long trainingImages,
        long validationImages,
        long parameters,
        long featureBytes,
        long freeBytes,
        long memoryBytes,
        long memoryLimit,
        List<PhaseEstimate> phases) {
    /**
     * Copies the list.
     *
     * @param trainingImages as above
     * @param validationImages as above
     * @param parameters as above
     * @param featureBytes as above
     * @param freeBytes as above
     * @param memoryBytes as above
     * @param memoryLimit as above
     * @param phases as above
     */
    public TrainingEstimate {
        phases = List.copyOf(phases);
    }

    /**
     * The time of all phases. Fetching and reading weights, and building the network, come on top.
     *
     * @return their sum
     */
    public Duration total() {
        return phases.stream().map(PhaseEstimate::total).reduce(Duration.ZERO, Duration::plus);
    }

    /**
     * Whether the disk has room for the features.
     *
     * @return true also where it can't be found out
     */
    public boolean hasSpace() {
        return freeBytes < 0 || featureBytes <= freeBytes;
    }

    /**
     * The estimate as a table.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        TextTable table = new TextTable("%5s  %13s  %10s  %12s  %9s  %6s  %9s");
        table.line(String.format(
                        Locale.ROOT,
                        "%,d images to learn from, %,d to validate with; %,d parameters",
                        trainingImages,
                        validationImages,
                        parameters))
                .line("")
                .row("phase", "trained", "features", "feature pass", "epoch", "epochs", "in all");
        int number = 1;
        for (PhaseEstimate phase : phases) {
            table.row(
                    number++,
                    String.format(Locale.ROOT, "%,d", phase.trainedParameters()),
                    bytes(phase.featureBytes()),
                    time(phase.featurePass()),
                    time(phase.epoch()),
                    phase.epochs(),
                    time(phase.total()));
        }
        String free = freeBytes >= 0 ? " of " + bytes(freeBytes) + " free" : "";
        String memory = memoryBytes == 0 ? "unknown" : "about " + bytes(memoryBytes);
        String limit = memoryLimit > 0 ? " of " + bytes(memoryLimit) + " allowed" : "";
        return table.line("")
                .line("time in all  " + time(total()))
                .line("disk         " + bytes(featureBytes) + free + (hasSpace() ? "" : ": not enough"))
                .line("memory       " + memory + limit)
                .toString();
    }

    private static String bytes(long bytes) {
        if (bytes < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
        }
        return bytes < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    private static String time(Duration time) {
        double seconds = time.toNanos() / 1e9;
        if (seconds < 60) {
            return String.format(Locale.ROOT, seconds < 1 ? "%.3f s" : "%.1f s", seconds);
        }
        long minutes = Math.round(seconds / 60);
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", (long) seconds / 60, (long) seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d h", minutes / 60, minutes % 60);
    }
}
