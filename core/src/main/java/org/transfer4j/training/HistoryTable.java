package org.transfer4j.training;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Prints a history as a table. */
final class HistoryTable {
    private static final String LINE = "%5s  %10s  %8s  %10s  %12s  %13s  %8s  %8s\n";

    private HistoryTable() {}

    static String print(List<EpochRecord> epochs) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                LINE,
                "epoch",
                "loss",
                "accuracy",
                "val_loss",
                "val_accuracy",
                "learning_rate",
                "seconds",
                "images/s"));
        for (EpochRecord record : epochs) {
            table.append(String.format(
                    Locale.ROOT,
                    LINE,
                    record.epoch(),
                    loss(record.loss()),
                    four(record.accuracy()),
                    record.validationLoss().isPresent()
                            ? loss(record.validationLoss().getAsDouble())
                            : "-",
                    four(record.validationAccuracy()),
                    String.format(Locale.ROOT, "%.4g", record.learningRate()),
                    String.format(Locale.ROOT, "%.1f", HistoryCsv.seconds(record.wallTime())),
                    String.format(Locale.ROOT, "%.0f", record.imagesPerSecond())));
        }
        return table.toString();
    }

    /** Four decimals as Keras has them; a loss far from 1 keeps its width. */
    private static String loss(double value) {
        return Math.abs(value) < 1e5 ? four(value) : String.format(Locale.ROOT, "%.3e", value);
    }

    private static String four(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String four(OptionalDouble value) {
        return value.isPresent() ? four(value.getAsDouble()) : "-";
    }
}
