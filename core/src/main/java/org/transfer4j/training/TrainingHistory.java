package org.transfer4j.training;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How a training went, epoch by epoch. Immutable.
 *
 * <p>Two trainings with the same data, settings and seed have the same history but for their speed. So {@code equals}
 * compares everything, and {@link #withoutTiming()} gives what must be the same:
 *
 * <pre>{@code
 * first.withoutTiming().equals(second.withoutTiming())
 * }</pre>
 *
 * <p>The history of a classifier that was loaded from a file has no timing: all wall times are 0 there.
 */
public final class TrainingHistory {
    static final String CSV_HEADINGS =
            "epoch,phase,iterations,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds,imagesPerSecond\n";

    private static final int VERSION = 1;
    private static final String JSON = "the JSON of a history";
    private static final int WIDTH = 700;
    private static final int HEIGHT = 500;
    private static final TrainingHistory EMPTY = new TrainingHistory(List.of());

    private final List<EpochRecord> epochs;

    private TrainingHistory(List<EpochRecord> epochs) {
        this.epochs = List.copyOf(epochs);
        int last = 0;
        for (EpochRecord record : this.epochs) {
            if (record.epoch() <= last) {
                throw new IllegalArgumentException(
                        "The numbers of epochs must rise, but " + record.epoch() + " comes after " + last);
            }
            last = record.epoch();
        }
    }

    /**
     * The history of a training that has not begun.
     *
     * @return a history without epochs
     */
    public static TrainingHistory empty() {
        return EMPTY;
    }

    /**
     * A history of these epochs.
     *
     * @param epochs records whose numbers rise
     * @return the history
     * @throws IllegalArgumentException if the numbers do not rise
     */
    public static TrainingHistory of(List<EpochRecord> epochs) {
        Objects.requireNonNull(epochs, "epochs");
        return new TrainingHistory(epochs);
    }

    /**
     * Reads what {@link #toJson()} wrote.
     *
     * @param json the text
     * @return an equal history
     * @throws IllegalArgumentException if the text is not the JSON of a history
     */
    public static TrainingHistory fromJson(String json) {
        Json.requireVersion(Json.read(json, JSON, Version.class).version(), VERSION, "a history");
        return of(Json.read(json, JSON, Stored.class).epochs().stream()
                .map(Epoch::record)
                .toList());
    }

    /**
     * This history and one more epoch.
     *
     * @param record of an epoch later than all others
     * @return a new history
     * @throws IllegalArgumentException if the epoch is not later
     */
    public TrainingHistory with(EpochRecord record) {
        List<EpochRecord> longer = new ArrayList<>(epochs);
        longer.add(record);
        return new TrainingHistory(longer);
    }

    /**
     * The records.
     *
     * @return an unmodifiable list, by number of the epoch; empty where no epoch was finished
     */
    public List<EpochRecord> epochs() {
        return epochs;
    }

    /**
     * The last epoch.
     *
     * @return empty where no epoch was finished
     */
    public Optional<EpochRecord> last() {
        return epochs.isEmpty() ? Optional.empty() : Optional.of(epochs.get(epochs.size() - 1));
    }

    /**
     * The epoch of the lowest validation loss; without validation data, of the lowest loss. Of equal ones it is the
     * first. Epochs without validation loss do not count where another has one, and NaN is never the best.
     *
     * @return empty where no epoch has a loss that is a number
     */
    public Optional<EpochRecord> best() {
        boolean validated =
                epochs.stream().anyMatch(record -> record.validationLoss().isPresent());
        EpochRecord best = null;
        double lowest = Double.NaN;
        for (EpochRecord record : epochs) {
            double loss = validated ? record.validationLoss().orElse(Double.NaN) : record.loss();
            if (loss < lowest || (best == null && !Double.isNaN(loss))) {
                best = record;
                lowest = loss;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * The same without what differs from run to run.
     *
     * @return a history in which every wall time and every number of images per second is 0
     */
    public TrainingHistory withoutTiming() {
        return new TrainingHistory(
                epochs.stream().map(EpochRecord::withoutTiming).toList());
    }

    /**
     * The history as JSON: {@code version} (1) and {@code epochs}, a list of objects with {@code epoch}, {@code phase},
     * {@code iterations}, {@code loss}, {@code accuracy}, {@code validationLoss} and {@code validationAccuracy} (left
     * out without validation data), {@code learningRate}, {@code seconds} and {@code imagesPerSecond}. What is not
     * finite is one of the texts {@code NaN}, {@code Infinity}, {@code -Infinity}.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        return Json.write(new Stored(VERSION, epochs.stream().map(Epoch::of).toList()));
    }

    /**
     * The history as comma-separated values, with one line of headings and one for each epoch: {@code
     * epoch,phase,iterations,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds,imagesPerSecond}. What is
     * absent is empty.
     *
     * @return lines that end in a line feed; numbers with a decimal point in every locale
     */
    public String toCsv() {
        return CSV_HEADINGS + epochs.stream().map(EpochRecord::csv).collect(Collectors.joining());
    }

    /**
     * Draws loss and accuracy over the epochs, of the training and, where there is one, of the validation data, side by
     * side; a dotted line marks where a phase begins. Values that are not finite leave gaps. No screen is needed. Of a training of
     * numbers, which has no accuracy, it is the loss alone.
     *
     * @param file where the picture is written, a PNG of 1,400 x 500 pixels (700 x 500 without accuracy); replaced if it exists, whole or not at all
     * @throws IllegalStateException if no epoch was finished
     * @throws java.io.UncheckedIOException if the file can't be written
     */
    public void plot(Path file) {
        SideFile.replace(file, "plot", Png.of(charts()));
    }

    /**
     * The same as SVG, for a page: loss and accuracy, two elements one after the other. Colours are the page's where it sets
     * the properties {@code --text}, {@code --muted}, {@code --grid}, {@code --first} and {@code --second}.
     *
     * @return two {@code svg} elements of 700 x 500 pixels, one without accuracy
     * @throws IllegalStateException if no epoch was finished
     */
    public String toSvg() {
        List<LineChart> charts = charts();
        String loss = charts.get(0).svg("loss by epoch");
        return charts.size() == 1 ? loss : loss + charts.get(1).svg("accuracy by epoch");
    }

    /** Loss on the left, accuracy, where there are classes, on the right. */
    private List<LineChart> charts() {
        if (epochs.isEmpty()) {
            throw new IllegalStateException("A history without epochs can't be plotted");
        }
        LineChart loss = chart(
                "loss", EpochRecord::loss, record -> record.validationLoss().orElse(Double.NaN));
        if (epochs.stream().allMatch(EpochRecord::isOfNumbers)) {
            return List.of(loss);
        }
        return List.of(
                loss,
                chart(
                                "accuracy",
                                EpochRecord::accuracy,
                                record -> record.validationAccuracy().orElse(Double.NaN))
                        .range(Double.NaN, 1));
    }

    private LineChart chart(
            String name, ToDoubleFunction<EpochRecord> training, ToDoubleFunction<EpochRecord> validation) {
        LineChart chart = new LineChart(WIDTH, HEIGHT, name, "epoch", "").whole();
        List<Double> numbers =
                epochs.stream().map(record -> (double) record.epoch()).toList();
        List<Double> validated = epochs.stream().map(validation::applyAsDouble).toList();
        chart.line(
                "training",
                numbers,
                epochs.stream().map(training::applyAsDouble).toList(),
                Chart.Ink.FIRST);
        if (validated.stream().anyMatch(Double::isFinite)) {
            chart.line("validation", numbers, validated, Chart.Ink.SECOND);
        }
        for (int i = 1; i < epochs.size(); i++) {
            if (epochs.get(i).phase() != epochs.get(i - 1).phase()) {
                chart.border((epochs.get(i).epoch() + epochs.get(i - 1).epoch()) / 2.0);
            }
        }
        return chart;
    }

    /**
     * Compares all values exactly, NaN being equal to NaN.
     *
     * @param other what to compare with
     * @return whether it is a history with the same records, timing included
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof TrainingHistory that && epochs.equals(that.epochs);
    }

    @Override
    public int hashCode() {
        return epochs.hashCode();
    }

    /**
     * A table with one line for each epoch, under Keras' names of the values; without accuracy where numbers were learned.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        boolean numbers = !epochs.isEmpty() && epochs.stream().allMatch(EpochRecord::isOfNumbers);
        TextTable table = new TextTable(
                numbers ? "%1$5s  %2$10s  %4$10s  %6$13s  %7$8s  %8$8s" : "%5s  %10s  %8s  %10s  %12s  %13s  %8s  %8s");
        table.row("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "images/s");
        for (EpochRecord record : epochs) {
            OptionalDouble validationAccuracy = record.validationAccuracy();
            table.row(
                    record.epoch(),
                    shownLoss(OptionalDouble.of(record.loss())),
                    four(record.accuracy()),
                    shownLoss(record.validationLoss()),
                    validationAccuracy.isPresent() ? four(validationAccuracy.getAsDouble()) : "-",
                    String.format(Locale.ROOT, "%.4g", record.learningRate()),
                    String.format(Locale.ROOT, "%.1f", record.seconds()),
                    String.format(Locale.ROOT, "%.0f", record.imagesPerSecond()));
        }
        return table.toString();
    }

    /** Four decimals as Keras has them; a loss far from 1 keeps its width. */
    private static String shownLoss(OptionalDouble loss) {
        if (loss.isEmpty()) {
            return "-";
        }
        double value = loss.getAsDouble();
        return Math.abs(value) < 1e5 ? four(value) : String.format(Locale.ROOT, "%.3e", value);
    }

    private static String four(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** The JSON; what is not finite is "NaN", "Infinity" or "-Infinity". Properties that this version does not know are left alone. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Stored(int version, List<Epoch> epochs) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Version(int version) {}

    /** One epoch; what was written before there were phases has one. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Epoch(
            int epoch,
            @Nullable Integer phase,
            long iterations,
            double loss,
            double accuracy,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            double learningRate,
            BigDecimal seconds,
            double imagesPerSecond) {
        /** Far beyond any training. */
        private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(1_000_000_000_000_000L);

        static Epoch of(EpochRecord record) {
            return new Epoch(
                    record.epoch(),
                    record.phase(),
                    record.iterations(),
                    record.loss(),
                    record.accuracy(),
                    boxed(record.validationLoss()),
                    boxed(record.validationAccuracy()),
                    record.learningRate(),
                    record.seconds(),
                    record.imagesPerSecond());
        }

        private static @Nullable Double boxed(OptionalDouble value) {
            return value.isPresent() ? value.getAsDouble() : null;
        }

        EpochRecord record() {
            EpochRecord.Builder builder = EpochRecord.builder(epoch)
                    .phase(phase == null ? 1 : phase)
                    .iterations(iterations)
                    .training(loss, accuracy)
                    .learningRate(learningRate)
                    .timing(time(), imagesPerSecond);
            if (validationLoss != null && validationAccuracy != null) {
                builder.validation(validationLoss, validationAccuracy);
            } else if (validationLoss != null || validationAccuracy != null) {
                throw new IllegalArgumentException(
                        "validationLoss and validationAccuracy of an epoch must both be there, or neither, but are "
                                + validationLoss + " and " + validationAccuracy);
            }
            return builder.build();
        }

        private Duration time() {
            if (seconds.signum() < 0 || seconds.compareTo(LONGEST_SECONDS) > 0) {
                throw new IllegalArgumentException(
                        "seconds of an epoch must be from 0 to " + LONGEST_SECONDS + ", but is " + seconds);
            }
            BigDecimal exact = seconds.setScale(9, RoundingMode.HALF_EVEN);
            return Duration.ofSeconds(
                    exact.longValue(),
                    exact.remainder(BigDecimal.ONE).movePointRight(9).longValue());
        }
    }
}
