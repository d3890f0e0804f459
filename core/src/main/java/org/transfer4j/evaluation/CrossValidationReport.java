package org.transfer4j.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.TDistribution;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How well a learner does on images that it has not seen: one report for each part of the data, by a classifier or regressor that
 * learned from the other parts. Immutable.
 *
 * @param <R> the reports: {@link EvaluationReport} or {@link RegressionReport}
 */
public final class CrossValidationReport<R> {
    private static final double LEVEL = 0.95;

    private final List<R> folds;

    /** By name, those that are told of each fold. */
    private final Map<String, ToDoubleFunction<R>> figures;

    private final ToLongFunction<R> size;
    private final Function<R, String> json;

    private CrossValidationReport(
            List<R> folds, Map<String, ToDoubleFunction<R>> figures, ToLongFunction<R> size, Function<R, String> json) {
        if (folds.size() < 2) {
            throw new IllegalArgumentException("A cross-validation has 2 folds or more, but got " + folds.size());
        }
        this.folds = List.copyOf(folds);
        this.figures = figures;
        this.size = size;
        this.json = json;
    }

    /**
     * A report on classifiers.
     *
     * @param folds the reports, two or more
     * @return a report that tells accuracy and loss
     * @throws IllegalArgumentException if there are fewer
     */
    public static CrossValidationReport<EvaluationReport> of(List<EvaluationReport> folds) {
        Map<String, ToDoubleFunction<EvaluationReport>> figures = new LinkedHashMap<>();
        figures.put("accuracy", EvaluationReport::accuracy);
        figures.put("loss", EvaluationReport::loss);
        return new CrossValidationReport<>(folds, figures, EvaluationReport::size, EvaluationReport::toJson);
    }

    /**
     * A report on regressors.
     *
     * @param folds the reports, two or more
     * @return a report that tells mean absolute error, root mean squared error and R2, of several targets their means
     * @throws IllegalArgumentException if there are fewer
     */
    public static CrossValidationReport<RegressionReport> ofNumbers(List<RegressionReport> folds) {
        Map<String, ToDoubleFunction<RegressionReport>> figures = new LinkedHashMap<>();
        figures.put("meanAbsoluteError", RegressionReport::meanAbsoluteError);
        figures.put("rootMeanSquaredError", RegressionReport::rootMeanSquaredError);
        figures.put("r2", RegressionReport::r2);
        return new CrossValidationReport<>(folds, figures, RegressionReport::size, RegressionReport::toJson);
    }

    /**
     * How each did on the images that were held out from it.
     *
     * @return an unmodifiable list
     */
    public List<R> folds() {
        return folds;
    }

    /**
     * The mean of a figure over the folds, each with the same weight.
     *
     * @param figure for example {@code EvaluationReport::accuracy}
     * @return the mean
     */
    public double mean(ToDoubleFunction<R> figure) {
        return folds.stream().mapToDouble(figure).average().orElseThrow();
    }

    /**
     * The 95% interval of a figure's mean by Student's t with folds - 1 degrees of freedom: mean ± t * deviation /
     * sqrt(folds), the deviation with folds - 1 below the line. The folds share most of what they learn from, so that it is
     * rather too narrow (Y. Bengio and Y. Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation",
     * 2004).
     *
     * @param figure for example {@code EvaluationReport::accuracy}
     * @return the interval, which may reach beyond what the figure can be
     */
    public Interval interval(ToDoubleFunction<R> figure) {
        double mean = mean(figure);
        double squares = folds.stream()
                .mapToDouble(figure)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double quantile = new TDistribution(folds.size() - 1.0).inverseCumulativeProbability((1 + LEVEL) / 2);
        double half = quantile * Math.sqrt(squares / (folds.size() - 1) / folds.size());
        return new Interval(mean - half, mean + half);
    }

    /**
     * The report as JSON: the figures that {@link #toString} tells, {@code accuracy} and {@code loss} or
     * {@code meanAbsoluteError}, {@code rootMeanSquaredError} and {@code r2}, each with {@code mean}, {@code low} and
     * {@code high}, and {@code folds} with the reports' own JSON.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        StringBuilder text = new StringBuilder("{");
        figures.forEach((name, figure) -> {
            Interval interval = interval(figure);
            text.append('"').append(name).append("\":");
            text.append(Json.write(new Stored(mean(figure), interval.low(), interval.high())));
            text.append(',');
        });
        return text + "\"folds\":[" + String.join(",", folds.stream().map(json).toList()) + "]}";
    }

    /**
     * A table with images and figures of each fold, their means and intervals, which {@linkplain #interval may reach beyond} what
     * the figures can be.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        List<String> names = figures.keySet().stream()
                .map(name -> name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT))
                .toList();
        TextTable table = new TextTable("%6s"
                + names.stream()
                        .map(name -> " %" + Math.max(9, name.length()) + "s")
                        .collect(Collectors.joining())
                + " %9s");
        table.row(row("fold", names, "images"));
        for (int i = 0; i < folds.size(); i++) {
            R fold = folds.get(i);
            table.row(row(i + 1, told(figure -> figure.applyAsDouble(fold)), size.applyAsLong(fold)));
        }
        table.row(row("mean", told(this::mean), ""));
        List<Interval> intervals = figures.values().stream().map(this::interval).toList();
        return table.line("95% intervals: "
                        + IntStream.range(0, names.size())
                                .mapToObj(i -> names.get(i) + " " + intervals.get(i))
                                .collect(Collectors.joining(", ")))
                .toString();
    }

    private List<String> told(ToDoubleFunction<ToDoubleFunction<R>> value) {
        return figures.values().stream()
                .map(figure -> RegressionReport.number(value.applyAsDouble(figure)))
                .toList();
    }

    private static Object[] row(Object first, List<String> middle, Object last) {
        return Stream.of(Stream.of(first), middle.stream(), Stream.of(last))
                .flatMap(each -> each)
                .toArray();
    }

    private record Stored(double mean, double low, double high) {}
}
