package org.transfer4j.evaluation;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How a regressor did on a dataset, in the units of its targets. Immutable. The figures are scikit-learn's; those of all targets
 * are the means of the targets' own, each with the same weight, which says something where they have one unit.
 */
public final class RegressionReport extends Report<RegressionReport> {
    /** More would hide each other. */
    private static final int MOST_POINTS = 1_000;

    private static final int BARS = 25;
    private static final int WIDTH = 560;
    private static final int HEIGHT = 480;

    private final List<String> targetNames;

    /** [images][targets]. */
    private final double[][] predicted;

    private final double[][] actual;
    private final List<TargetMetrics> targets;

    private RegressionReport(
            List<String> targetNames,
            double[][] predicted,
            double[][] actual,
            ReportPage.Images images,
            ModelCard card) {
        super(actual.length, images, card);
        this.targetNames = targetNames;
        this.predicted = predicted;
        this.actual = actual;
        targets = IntStream.range(0, targetNames.size())
                .mapToObj(target ->
                        TargetMetrics.of(targetNames.get(target), column(predicted, target), column(actual, target)))
                .toList();
    }

    private static double[] column(double[][] rows, int index) {
        return Arrays.stream(rows).mapToDouble(row -> row[index]).toArray();
    }

    /**
     * Compares predictions with what is actual, wherever both come from.
     *
     * @param targetNames one name for each target, no name twice
     * @param predicted [images][targets]; copied
     * @param actual [images][targets]; copied
     * @return the report
     * @throws IllegalArgumentException if there is no image, rows are missing or of another length than there are names, or a
     *     number is not finite
     */
    public static RegressionReport of(List<String> targetNames, double[][] predicted, double[][] actual) {
        Objects.requireNonNull(targetNames, "targetNames");
        Objects.requireNonNull(predicted, "predicted");
        Objects.requireNonNull(actual, "actual");
        List<String> names = EvaluationAccumulator.requireNames(targetNames);
        if (actual.length == 0 || predicted.length != actual.length) {
            throw new IllegalArgumentException("an evaluation needs one image or more, and as many predictions, got "
                    + actual.length + " images and " + predicted.length + " predictions");
        }
        return new RegressionReport(
                names,
                copy("predicted", predicted, names),
                copy("actual", actual, names),
                ReportPage.Images.NUMBERED,
                NO_CARD);
    }

    private static double[][] copy(String what, double[][] rows, List<String> names) {
        double[][] copies = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null
                    || rows[i].length != names.size()
                    || !Arrays.stream(rows[i]).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException("of each image as many finite numbers as " + names
                        + " are compared, but those " + what + " of image " + i + " are " + Arrays.toString(rows[i]));
            }
            copies[i] = rows[i].clone();
        }
        return copies;
    }

    @Override
    RegressionReport with(ReportPage.Images other, ModelCard otherCard) {
        return new RegressionReport(targetNames, predicted, actual, other, otherCard);
    }

    @Override
    RegressionReport drawn(int[] places) {
        return new RegressionReport(
                targetNames, rows(predicted, places), rows(actual, places), ReportPage.Images.NUMBERED, NO_CARD);
    }

    private static double[][] rows(double[][] all, int[] places) {
        return IntStream.of(places).mapToObj(i -> all[i]).toArray(double[][]::new);
    }

    @Override
    ReportPage<RegressionReport> page() {
        return new ReportPage.OfNumbers(this);
    }

    /**
     * Number of images.
     *
     * @return at least 1
     */
    public int size() {
        return actual.length;
    }

    /**
     * The figures of each target.
     *
     * @return an unmodifiable list in the order of the targets
     */
    public List<TargetMetrics> targets() {
        return targets;
    }

    /**
     * The figures of one target.
     *
     * @param name its name
     * @return the figures
     * @throws IllegalArgumentException if there is no such target
     */
    public TargetMetrics target(String name) {
        Objects.requireNonNull(name, "name");
        String wanted = composed(name);
        return targets.stream()
                .filter(metrics -> composed(metrics.name()).equals(wanted))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("the targets are " + targetNames + ", got \"" + name + "\""));
    }

    private static String composed(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#meanAbsoluteError}.
     *
     * @return 0 or more
     */
    public double meanAbsoluteError() {
        return mean(TargetMetrics::meanAbsoluteError);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#rootMeanSquaredError}.
     *
     * @return 0 or more
     */
    public double rootMeanSquaredError() {
        return mean(TargetMetrics::rootMeanSquaredError);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#medianAbsoluteError}.
     *
     * @return 0 or more
     */
    public double medianAbsoluteError() {
        return mean(TargetMetrics::medianAbsoluteError);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#r2}.
     *
     * @return at most 1; NaN of one image
     */
    public double r2() {
        return mean(TargetMetrics::r2);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#explainedVariance}.
     *
     * @return at most 1
     */
    public double explainedVariance() {
        return mean(TargetMetrics::explainedVariance);
    }

    /**
     * The mean of the targets' {@link TargetMetrics#correlation}.
     *
     * @return -1 to 1; NaN where a target has none
     */
    public double correlation() {
        return mean(TargetMetrics::correlation);
    }

    private double mean(ToDoubleFunction<TargetMetrics> figure) {
        return targets.stream().mapToDouble(figure).average().orElseThrow();
    }

    /**
     * What was predicted of an image.
     *
     * @param image its number, from 0
     * @return a new array, in the order of the targets
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public double[] predicted(int image) {
        return predicted[Objects.checkIndex(image, predicted.length)].clone();
    }

    /**
     * What is actual of an image.
     *
     * @param image its number, from 0
     * @return a new array, in the order of the targets
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public double[] actual(int image) {
        return actual[Objects.checkIndex(image, actual.length)].clone();
    }

    /**
     * The images with the largest errors, the largest first: those to look at, for what was not learned and for numbers that are
     * wrong. Of an image with several targets it is the one with the largest error in root mean squared errors of its target.
     *
     * @param most how many, 0 or more
     * @return as many, or all where there are fewer
     * @throws IllegalArgumentException if the number is negative
     */
    public List<LargeError> largestErrors(int most) {
        return IntStream.range(0, actual.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer image) -> -size(image, worst(image))))
                .limit(requireCount(most))
                .map(image -> {
                    int target = worst(image);
                    return new LargeError(
                            image,
                            name(image),
                            targetNames.get(target),
                            actual[image][target],
                            predicted[image][target]);
                })
                .toList();
    }

    private int worst(int image) {
        int worst = 0;
        for (int target = 1; target < targets.size(); target++) {
            worst = size(image, target) > size(image, worst) ? target : worst;
        }
        return worst;
    }

    /** Of an error, beside the others of its target. */
    private double size(int image, int target) {
        double scale = targets.get(target).rootMeanSquaredError();
        return scale == 0 ? 0 : Math.abs(predicted[image][target] - actual[image][target]) / scale;
    }

    /**
     * Draws what was predicted over what is actual, and how the errors are distributed, of one target. Needs no screen.
     *
     * @param target its name
     * @param png the file, replaced whole or not at all; its folder must exist
     * @throws IllegalArgumentException if there is no such target
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void plot(String target, Path png) {
        int index = targets.indexOf(target(target));
        ReplacedFile.writeBytes(png, "picture", () -> Png.of(List.of(scatter(index), errors(index))));
    }

    /** What was predicted over what is actual. */
    LineChart scatter(int target) {
        int shown = Math.min(MOST_POINTS, actual.length);
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            int image = (int) ((long) i * actual.length / shown);
            x.add(actual[image][target]);
            y.add(predicted[image][target]);
        }
        List<Double> ends = List.of(Collections.min(x), Collections.max(x));
        return new LineChart(WIDTH, HEIGHT, TextTable.cut(targetNames.get(target)), "actual", "predicted")
                .dots("", x, y, Chart.Ink.FIRST)
                .guide(ends, ends);
    }

    /** How many images have which error. */
    LineChart errors(int target) {
        double[] errors = IntStream.range(0, actual.length)
                .mapToDouble(i -> predicted[i][target] - actual[i][target])
                .toArray();
        double least = Arrays.stream(errors).min().orElseThrow();
        double most = Arrays.stream(errors).max().orElseThrow();
        LineChart chart =
                new LineChart(WIDTH, HEIGHT, TextTable.cut(targetNames.get(target)), "predicted less actual", "images");
        if (!(most - least > 0)) {
            return chart.bar(least - 0.5, least + 0.5, errors.length, "all");
        }
        int[] counts = new int[BARS];
        for (double error : errors) {
            counts[Math.min(BARS - 1, (int) ((error - least) / (most - least) * BARS))]++;
        }
        for (int bar = 0; bar < BARS; bar++) {
            double from = least + (most - least) * bar / BARS;
            double to = least + (most - least) * (bar + 1) / BARS;
            chart.bar(from, to, counts[bar], number(from) + " to " + number(to) + ": " + counts[bar]);
        }
        return chart.border(0);
    }

    /**
     * The report as JSON: {@code size}, then the means over the targets, {@code meanAbsoluteError}, {@code rootMeanSquaredError},
     * {@code medianAbsoluteError}, {@code r2}, {@code explainedVariance}, {@code correlation}, and {@code targets} with the
     * {@code name} and the same figures of each. What is not a number is "NaN".
     *
     * @return one JSON object, the same in every locale
     */
    @Override
    public String toJson() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("size", size());
        figures.put("meanAbsoluteError", meanAbsoluteError());
        figures.put("rootMeanSquaredError", rootMeanSquaredError());
        figures.put("medianAbsoluteError", medianAbsoluteError());
        figures.put("r2", r2());
        figures.put("explainedVariance", explainedVariance());
        figures.put("correlation", correlation());
        figures.put("targets", targets);
        return Json.write(figures);
    }

    /**
     * A table with a line for each target, and one for their means where there are several.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        List<TargetMetrics> rows = new ArrayList<>(targets);
        if (targets.size() > 1) {
            rows.add(new TargetMetrics(
                    "mean",
                    meanAbsoluteError(),
                    rootMeanSquaredError(),
                    medianAbsoluteError(),
                    r2(),
                    explainedVariance(),
                    correlation()));
        }
        int width = TextTable.width(rows.stream().map(TargetMetrics::name));
        TextTable table = new TextTable("%" + width + "s  %12s %12s %12s %8s %8s %8s");
        table.row("", "mean abs.", "root m.sq.", "median abs.", "R2", "expl.", "corr.")
                .line("");
        for (TargetMetrics row : rows) {
            table.row(
                    TextTable.cut(row.name()),
                    number(row.meanAbsoluteError()),
                    number(row.rootMeanSquaredError()),
                    number(row.medianAbsoluteError()),
                    part(row.r2()),
                    part(row.explainedVariance()),
                    part(row.correlation()));
        }
        return table.line("").line(size() + " images").toString();
    }

    private static String part(double value) {
        return TextTable.decimals(value, 4);
    }

    /** With some five digits, whatever the unit. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return size != 0 && (size < 1e-3 || size >= 1e7)
                ? String.format(Locale.ROOT, "%.4e", value)
                : TextTable.decimals(value, size >= 1000 ? 1 : size >= 10 ? 3 : 4);
    }
}
