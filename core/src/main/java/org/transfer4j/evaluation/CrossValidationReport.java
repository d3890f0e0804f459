package org.transfer4j.evaluation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.TDistribution;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How well a learner does on images that it has not seen: one report for each part of the data, by a classifier that
 * learned from the other parts. Immutable.
 */
public final class CrossValidationReport {
    private static final double LEVEL = 0.95;

    private final List<EvaluationReport> folds;

    /**
     * A report.
     *
     * @param folds the reports, two or more
     * @throws IllegalArgumentException if there are fewer
     */
    public CrossValidationReport(List<EvaluationReport> folds) {
        if (folds.size() < 2) {
            throw new IllegalArgumentException("A cross-validation has 2 folds or more, but got " + folds.size());
        }
        this.folds = List.copyOf(folds);
    }

    /**
     * How each classifier did on the images that were held out from it.
     *
     * @return an unmodifiable list
     */
    public List<EvaluationReport> folds() {
        return folds;
    }

    /**
     * The mean of a figure over the folds, each with the same weight.
     *
     * @param figure for example {@code EvaluationReport::accuracy}
     * @return the mean
     */
    public double mean(ToDoubleFunction<EvaluationReport> figure) {
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
    public Interval interval(ToDoubleFunction<EvaluationReport> figure) {
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
     * The report as JSON: {@code accuracy} and {@code loss} with {@code mean}, {@code low} and {@code high}, and
     * {@code folds} with the reports' own JSON.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        return "{\"accuracy\":" + json(EvaluationReport::accuracy) + ",\"loss\":" + json(EvaluationReport::loss)
                + ",\"folds\":["
                + String.join(",", folds.stream().map(EvaluationReport::toJson).toList()) + "]}";
    }

    private String json(ToDoubleFunction<EvaluationReport> figure) {
        Interval interval = interval(figure);
        return Json.write(new Stored(mean(figure), interval.low(), interval.high()));
    }

    /**
     * A table with images, accuracy and loss of each fold, their means and intervals.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        TextTable table = new TextTable("%6s %9s %9s %9s");
        table.row("fold", "accuracy", "loss", "images");
        for (int i = 0; i < folds.size(); i++) {
            EvaluationReport fold = folds.get(i);
            table.row(i + 1, four(fold.accuracy()), four(fold.loss()), fold.size());
        }
        return table.row("mean", four(mean(EvaluationReport::accuracy)), four(mean(EvaluationReport::loss)), "")
                .line("95% intervals: accuracy " + interval(EvaluationReport::accuracy) + ", loss "
                        + interval(EvaluationReport::loss))
                .toString();
    }

    private static String four(double value) {
        return TextTable.decimals(value, 4);
    }

    private record Stored(double mean, double low, double high) {}
}
