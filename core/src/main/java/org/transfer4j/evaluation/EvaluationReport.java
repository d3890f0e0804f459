package org.transfer4j.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How a classifier did on a dataset. Immutable; made by {@link EvaluationAccumulator}, which also says how ties are
 * broken and how the loss is computed.
 */
public final class EvaluationReport {
    private static final int LONGEST_NAME = 40;

    /** Of how many first places the JSON tells the accuracy. */
    private static final int LARGEST_K = 5;

    private final ConfusionMatrix confusionMatrix;
    private final long[] ranks;
    private final double loss;
    private final long size;
    private final List<ClassMetrics> classes;

    EvaluationReport(ConfusionMatrix confusionMatrix, long[] ranks, double loss) {
        this.confusionMatrix = confusionMatrix;
        this.ranks = ranks;
        this.loss = loss;
        size = Arrays.stream(ranks).sum();
        List<ClassMetrics> metrics = new ArrayList<>();
        for (int i = 0; i < ranks.length; i++) {
            metrics.add(ClassMetrics.of(
                    confusionMatrix.classNames().get(i),
                    confusionMatrix.count(i, i),
                    confusionMatrix.predictedCount(i),
                    confusionMatrix.actualCount(i)));
        }
        classes = List.copyOf(metrics);
    }

    /**
     * Number of images.
     *
     * @return at least 1
     */
    public long size() {
        return size;
    }

    /**
     * The part of the images whose predicted class is the actual one.
     *
     * @return 0 to 1; the same as {@code topK(1)}
     */
    public double accuracy() {
        return topK(1);
    }

    /**
     * The part of the images whose actual class is among the k of the highest probability. Of equal probabilities,
     * that of the lower index counts as the higher.
     *
     * @param k from 1 to the number of classes
     * @return 0 to 1
     * @throws IllegalArgumentException if k is not in that range
     */
    public double topK(int k) {
        if (k < 1 || k > ranks.length) {
            throw new IllegalArgumentException(
                    "k must be from 1 to the number of classes, " + ranks.length + ", but is " + k);
        }
        return (double) Arrays.stream(ranks, 0, k).sum() / size;
    }

    /**
     * Mean categorical cross-entropy of the images, with the natural logarithm, as Keras computes it: probabilities
     * clipped to 1e-7 ... 1 - 1e-7. Penalties on weights are not part of it.
     *
     * @return above 0, at most 16.12
     */
    public double loss() {
        return loss;
    }

    /**
     * How often each class was taken for each other one.
     *
     * @return rows are actual classes
     */
    public ConfusionMatrix confusionMatrix() {
        return confusionMatrix;
    }

    /**
     * Precision, recall, F1 and support of each class.
     *
     * @return an unmodifiable list in the order of the classes
     */
    public List<ClassMetrics> classes() {
        return classes;
    }

    /**
     * Precision, recall and F1 averaged over the classes, each class with the same weight, also one without images.
     *
     * @return the averages, under the name {@code macro avg}
     */
    public ClassMetrics macroAverage() {
        return average("macro avg", metrics -> 1.0 / classes.size());
    }

    /**
     * Precision, recall and F1 averaged over the classes, each with its number of images as weight.
     *
     * @return the averages, under the name {@code weighted avg}
     */
    public ClassMetrics weightedAverage() {
        return average("weighted avg", metrics -> (double) metrics.support() / size);
    }

    private ClassMetrics average(String name, ToDoubleFunction<ClassMetrics> weight) {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        for (ClassMetrics metrics : classes) {
            double share = weight.applyAsDouble(metrics);
            precision += share * metrics.precision();
            recall += share * metrics.recall();
            f1 += share * metrics.f1();
        }
        return new ClassMetrics(name, precision, recall, f1, size);
    }

    /**
     * The report as JSON: {@code size}, {@code accuracy}, {@code loss}, {@code topK} (the values for k = 1 to 5, or to
     * the number of classes), {@code classes}, {@code macroAverage}, {@code weightedAverage} and
     * {@code confusionMatrix} with {@code classNames} and {@code counts}, rows actual.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        return Json.write(new Stored(
                size(),
                accuracy(),
                loss(),
                IntStream.rangeClosed(1, Math.min(LARGEST_K, classes().size()))
                        .mapToObj(this::topK)
                        .toList(),
                classes(),
                macroAverage(),
                weightedAverage(),
                confusionMatrix()));
    }

    /**
     * Compares all counts and the loss exactly.
     *
     * @param other what to compare with
     * @return whether it is a report with the same counts and loss
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluationReport that
                && confusionMatrix.equals(that.confusionMatrix)
                && Arrays.equals(ranks, that.ranks)
                && Double.compare(loss, that.loss) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * confusionMatrix.hashCode() + Arrays.hashCode(ranks) + Double.hashCode(loss);
    }

    /**
     * A table in the layout of scikit-learn's {@code classification_report}, followed by the loss.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        int width = weightedAverage().name().length();
        for (ClassMetrics metrics : classes) {
            width = Math.max(width, TextTable.cut(metrics.name(), LONGEST_NAME).length());
        }
        TextTable table = new TextTable("%" + width + "s  %9s %9s %9s %9s");
        table.row("", "precision", "recall", "f1-score", "support").line("");
        classes.forEach(metrics -> print(table, metrics));
        table.line("").row("accuracy", "", "", TextTable.decimals(accuracy(), 2), size);
        print(table, macroAverage());
        print(table, weightedAverage());
        return table.line("")
                .row("loss", "", "", TextTable.decimals(loss, 4), size)
                .toString();
    }

    private static void print(TextTable table, ClassMetrics metrics) {
        table.row(
                TextTable.cut(metrics.name(), LONGEST_NAME),
                TextTable.decimals(metrics.precision(), 2),
                TextTable.decimals(metrics.recall(), 2),
                TextTable.decimals(metrics.f1(), 2),
                metrics.support());
    }

    /** The JSON. */
    private record Stored(
            long size,
            double accuracy,
            double loss,
            List<Double> topK,
            List<ClassMetrics> classes,
            ClassMetrics macroAverage,
            ClassMetrics weightedAverage,
            ConfusionMatrix confusionMatrix) {}
}
