package org.transfer4j.evaluation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How a multi-label classifier did on a dataset: an image is given each label whose probability is above a threshold.
 * Immutable; made by {@link MultiLabelAccumulator}. The figures are those of scikit-learn with {@code zero_division=0}.
 */
public final class MultiLabelReport {
    private static final String MEAN_AVERAGE_PRECISION = "mean average precision";
    private static final int LONGEST_NAME = 40;
    private static final double CLIP = 1e-7;

    private final List<String> classNames;
    private final float[][] probabilities;
    private final boolean[][] actual;
    private final List<Double> thresholds;
    private final ModelCard card;
    private final List<LabelMetrics> classes;
    private final double precision;
    private final double recall;
    private final double microF1;
    private final double binaryAccuracy;
    private final double subsetAccuracy;

    MultiLabelReport(
            List<String> classNames,
            float[][] probabilities,
            boolean[][] actual,
            List<Double> thresholds,
            ModelCard card) {
        this.card = card;
        this.classNames = classNames;
        this.probabilities = probabilities;
        this.actual = actual;
        this.thresholds = List.copyOf(thresholds);
        long[] right = new long[classNames.size()];
        long[] predicted = new long[classNames.size()];
        long[] support = new long[classNames.size()];
        long agreeing = 0;
        long exact = 0;
        for (int i = 0; i < actual.length; i++) {
            int same = 0;
            for (int c = 0; c < actual[i].length; c++) {
                // as floats, which the probabilities are: 0.3f is above the double 0.3
                boolean given = probabilities[i][c] > thresholds.get(c).floatValue();
                right[c] += given && actual[i][c] ? 1 : 0;
                predicted[c] += given ? 1 : 0;
                support[c] += actual[i][c] ? 1 : 0;
                same += given == actual[i][c] ? 1 : 0;
            }
            agreeing += same;
            exact += same == actual[i].length ? 1 : 0;
        }
        List<LabelMetrics> metrics = new ArrayList<>();
        for (int c = 0; c < right.length; c++) {
            metrics.add(metrics(c, right[c], predicted[c], support[c]));
        }
        classes = List.copyOf(metrics);
        long allRight = Arrays.stream(right).sum();
        long allPredicted = Arrays.stream(predicted).sum();
        long allSupport = Arrays.stream(support).sum();
        precision = ClassMetrics.ratio(allRight, allPredicted);
        recall = ClassMetrics.ratio(allRight, allSupport);
        microF1 = ClassMetrics.ratio(2 * allRight, allPredicted + allSupport);
        binaryAccuracy = (double) agreeing / ((long) actual.length * right.length);
        subsetAccuracy = (double) exact / actual.length;
    }

    private LabelMetrics metrics(int index, long right, long predicted, long support) {
        float[] scores = new float[actual.length];
        boolean[] there = new boolean[actual.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = probabilities[i][index];
            there[i] = actual[i][index];
        }
        return new LabelMetrics(
                classNames.get(index),
                ClassMetrics.ratio(right, predicted),
                ClassMetrics.ratio(right, support),
                ClassMetrics.ratio(2 * right, predicted + support),
                Ranking.of(scores, there).averagePrecision(),
                support);
    }

    /**
     * The same predictions judged at another threshold.
     *
     * @param other between 0 and 1, both excluded
     * @return a new report
     * @throws IllegalArgumentException if the threshold is out of its range
     */
    public MultiLabelReport atThreshold(double other) {
        requireThreshold(other);
        return new MultiLabelReport(
                classNames, probabilities, actual, Collections.nCopies(classNames.size(), other), card);
    }

    /**
     * The same figures with something else to be said of the classifier.
     *
     * @param other for {@link #html}; a classifier's own evaluation has one
     * @return a new report
     */
    public MultiLabelReport with(ModelCard other) {
        return new MultiLabelReport(classNames, probabilities, actual, thresholds, other);
    }

    /**
     * Writes a page for others to read: figures, curves of the training, a table of the labels that can be sorted, and the
     * model card, in the style of {@link EvaluationReport#html}: one file that loads nothing, for light and dark screens.
     *
     * @param file replaced whole or not at all; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void html(Path file) {
        ReplacedFile.writeBytes(
                file, "report", () -> MultiLabelPage.of(this, card).getBytes(StandardCharsets.UTF_8));
    }

    static void requireThreshold(double threshold) {
        if (!(threshold > 0 && threshold < 1)) {
            throw new IllegalArgumentException("A threshold is above 0 and below 1, but was " + threshold);
        }
    }

    /**
     * The probability above which an image is given a label.
     *
     * @return 0.5 unless {@link #atThreshold} set another; not a number where classes have different ones
     * @see #thresholds()
     */
    public double threshold() {
        return new HashSet<>(thresholds).size() == 1 ? thresholds.get(0) : Double.NaN;
    }

    /**
     * The probability above which an image is given each label.
     *
     * @return in the order of the classes
     */
    public List<Double> thresholds() {
        return thresholds;
    }

    /**
     * Number of images.
     *
     * @return at least 1
     */
    public long size() {
        return actual.length;
    }

    /**
     * The part of all images and classes that is right, as Keras' {@code binary_accuracy}, and 1 - scikit-learn's
     * {@code hamming_loss}. High where labels are rare, even if none is ever given: see {@link #macroF1}.
     *
     * @return 0 to 1
     */
    public double binaryAccuracy() {
        return binaryAccuracy;
    }

    /**
     * The part of the images whose labels are all right and none of which is missing, as scikit-learn's
     * {@code accuracy_score}.
     *
     * @return 0 to 1
     */
    public double subsetAccuracy() {
        return subsetAccuracy;
    }

    /**
     * Of all labels that were given, the part that is right.
     *
     * @return 0 to 1; 0 where none was given
     */
    public double microPrecision() {
        return precision;
    }

    /**
     * Of all labels that images have, the part that was given.
     *
     * @return 0 to 1; 0 where there are none
     */
    public double microRecall() {
        return recall;
    }

    /**
     * The harmonic mean of {@link #microPrecision} and {@link #microRecall}: each label of each image counts alike.
     *
     * @return 0 to 1
     */
    public double microF1() {
        return microF1;
    }

    /**
     * The mean of the classes' F1: each class counts alike, also one without images.
     *
     * @return 0 to 1
     */
    public double macroF1() {
        return mean(LabelMetrics::f1);
    }

    /**
     * The mean of the average precisions of the classes that have images (scikit-learn counts the others as 0). Does not
     * depend on the threshold.
     *
     * @return 0 to 1; 0 where no image has a label
     */
    public double meanAveragePrecision() {
        return classes.stream()
                .filter(metrics -> metrics.support() > 0)
                .mapToDouble(LabelMetrics::averagePrecision)
                .average()
                .orElse(0);
    }

    private double mean(ToDoubleFunction<LabelMetrics> figure) {
        return classes.stream().mapToDouble(figure).average().orElseThrow();
    }

    /**
     * Mean binary cross-entropy of images and classes, with the natural logarithm, as Keras computes it: probabilities
     * clipped to 1e-7 ... 1 - 1e-7.
     *
     * @return above 0, at most 16.12
     */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            for (int c = 0; c < actual[i].length; c++) {
                double probability = actual[i][c] ? probabilities[i][c] : 1.0 - probabilities[i][c];
                sum -= Math.log(Math.min(Math.max(probability, CLIP), 1 - CLIP));
            }
        }
        return sum / ((double) actual.length * classNames.size());
    }

    /**
     * Precision, recall, F1, average precision and support of each class.
     *
     * @return an unmodifiable list in the order of the classes
     */
    public List<LabelMetrics> classes() {
        return classes;
    }

    /**
     * The report as JSON: {@code size}, {@code threshold} ("NaN" where classes have different ones), {@code loss}, {@code binaryAccuracy}, {@code subsetAccuracy},
     * {@code microPrecision}, {@code microRecall}, {@code microF1}, {@code macroF1}, {@code meanAveragePrecision} and
     * {@code classes}.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        return Json.write(new Stored(
                size(),
                threshold(),
                loss(),
                binaryAccuracy,
                subsetAccuracy,
                precision,
                recall,
                microF1,
                macroF1(),
                meanAveragePrecision(),
                classes));
    }

    /**
     * A table in the layout of scikit-learn's {@code classification_report}, with average precision, followed by the
     * figures of all classes.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        int width = MEAN_AVERAGE_PRECISION.length();
        long labels = 0;
        for (LabelMetrics metrics : classes) {
            width = Math.max(width, TextTable.cut(metrics.name(), LONGEST_NAME).length());
            labels += metrics.support();
        }
        TextTable table = new TextTable("%" + width + "s  %9s %9s %9s %10s %9s");
        table.row("", "precision", "recall", "f1-score", "avg. prec.", "support")
                .line("");
        for (LabelMetrics metrics : classes) {
            table.row(
                    TextTable.cut(metrics.name(), LONGEST_NAME),
                    two(metrics.precision()),
                    two(metrics.recall()),
                    two(metrics.f1()),
                    two(metrics.averagePrecision()),
                    metrics.support());
        }
        return table.line("")
                .row("micro avg", two(precision), two(recall), two(microF1), "", labels)
                .row("macro avg", "", "", two(macroF1()), "", labels)
                .row(MEAN_AVERAGE_PRECISION, "", "", "", two(meanAveragePrecision()), "")
                .line("")
                .row("binary accuracy", "", "", two(binaryAccuracy), "", size())
                .row("subset accuracy", "", "", two(subsetAccuracy), "", size())
                .row("loss", "", "", TextTable.decimals(loss(), 4), "", size())
                .row("threshold", "", "", Double.isNaN(threshold()) ? "by class" : threshold(), "", "")
                .toString();
    }

    private static String two(double value) {
        return TextTable.decimals(value, 2);
    }

    /** The JSON. */
    private record Stored(
            long size,
            double threshold,
            double loss,
            double binaryAccuracy,
            double subsetAccuracy,
            double microPrecision,
            double microRecall,
            double microF1,
            double macroF1,
            double meanAveragePrecision,
            List<LabelMetrics> classes) {}
}
