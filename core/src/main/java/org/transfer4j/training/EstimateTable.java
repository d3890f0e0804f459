package org.transfer4j.training;

import java.time.Duration;
import java.util.Locale;

/** Prints an estimate. */
final class EstimateTable {
    private static final String LINE = "%5s  %13s  %10s  %12s  %9s  %6s  %9s\n";

    private EstimateTable() {}

    static String print(TrainingEstimate estimate) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT,
                "%,d images to learn from, %,d to validate with; %,d parameters\n\n",
                estimate.trainingImages(),
                estimate.validationImages(),
                estimate.parameters()));
        table.append(String.format(
                Locale.ROOT, LINE, "phase", "trained", "features", "feature pass", "epoch", "epochs", "in all"));
        int number = 1;
        for (PhaseEstimate phase : estimate.phases()) {
            table.append(String.format(
                    Locale.ROOT,
                    LINE,
                    number++,
                    String.format(Locale.ROOT, "%,d", phase.trainedParameters()),
                    bytes(phase.featureBytes()),
                    time(phase.featurePass()),
                    time(phase.epoch()),
                    phase.epochs(),
                    time(phase.total())));
        }
        table.append("\ntime in all  ").append(time(estimate.total()));
        table.append("\ndisk         ").append(bytes(estimate.featureBytes()));
        if (estimate.freeBytes() >= 0) {
            table.append(" of ").append(bytes(estimate.freeBytes())).append(" free");
        }
        table.append(estimate.hasSpace() ? "" : ": not enough");
        table.append("\nmemory       ")
                .append(estimate.memoryBytes() == 0 ? "unknown" : "about " + bytes(estimate.memoryBytes()));
        if (estimate.memoryLimit() > 0) {
            table.append(" of ").append(bytes(estimate.memoryLimit())).append(" allowed");
        }
        return table.append('\n').toString();
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
