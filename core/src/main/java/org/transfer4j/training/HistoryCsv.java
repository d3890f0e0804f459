package org.transfer4j.training;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/** A history as comma-separated values. */
final class HistoryCsv {
    static final String HEADINGS =
            "epoch,phase,iterations,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds,imagesPerSecond\n";

    private HistoryCsv() {}

    static String write(List<EpochRecord> epochs) {
        StringBuilder csv = new StringBuilder(HEADINGS);
        for (EpochRecord record : epochs) {
            csv.append(line(record));
        }
        return csv.toString();
    }

    /** One epoch, ended by a line feed. */
    static String line(EpochRecord record) {
        StringJoiner line = new StringJoiner(",", "", "\n");
        line.add(Integer.toString(record.epoch()));
        line.add(Integer.toString(record.phase()));
        line.add(Long.toString(record.iterations()));
        line.add(Double.toString(record.loss()));
        line.add(Double.toString(record.accuracy()));
        line.add(text(record.validationLoss()));
        line.add(text(record.validationAccuracy()));
        line.add(Double.toString(record.learningRate()));
        line.add(seconds(record.wallTime()).toPlainString());
        line.add(Double.toString(record.imagesPerSecond()));
        return line.toString();
    }

    /** Exact, to the nanosecond. */
    static BigDecimal seconds(Duration time) {
        return BigDecimal.valueOf(time.getSeconds()).add(BigDecimal.valueOf(time.getNano(), 9));
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
    }
}
