package org.transfer4j.evaluation;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.text.TextTable;

/**
 * How a multi-label classifier did on a dataset: an image is given each label whose probability is above a threshold.
 * Immutable; made by {@link MultiLabelAccumulator}. The figures are those of scikit-learn with {@code zero_division=0}.
 */
public final class MultiLabelReport extends Report<MultiLabelReport> {
    private static final String MEAN_AVERAGE_PRECISION = "mean average precision";
    private static final double CLIP = 1e-7;

    private final List<String> classNames;
    private final float[][] probabilities;
    private final boolean[][] actual;

    /** Of each image, for none of which they are computed anew. */
    private final double[] losses;

    private final List<Double> thresholds;

    /** By class: how many images are given it rightly, are given it, and have it. */
    private final long[] right;

    private final long[] predicted;
    private final long[] support;

    private final double binaryAccuracy;
    private final double subsetAccuracy;

    MultiLabelReport(List<String> classNames, float[][] probabilities, boolean[][] actual, List<Double> thresholds) {
        this(
                classNames,
                probabilities,
                actual,
                losses(probabilities, actual),
                thresholds,
                ReportPage.Images.NUMBERED,
                NO_CARD);
    }

    private MultiLabelReport(
            List<String> classNames,
            float[][] probabilities,
            boolean[][] actual,
            double[] losses,
            List<Double> thresholds,
            ReportPage.Images images,
            ModelCard card) {
        super(actual.length, images, card);
        this.classNames = classNames;
        this.probabilities = probabilities;
        this.actual = actual;
        this.losses = losses;
        this.thresholds = List.copyOf(thresholds);
        right = new long[classNames.size()];
        predicted = new long[classNames.size()];
        support = new long[classNames.size()];
        long agreeing = 0;
        long exact = 0;
        for (int i = 0; i < actual.length; i++) {
            int same = 0;
            for (int c = 0; c < actual[i].length; c++) {
                boolean given = isGiven(i, c);
                right[c] += given && actual[i][c] ? 1 : 0;
                predicted[c] += given ? 1 : 0;
                support[c] += actual[i][c] ? 1 : 0;
                same += given == actual[i][c] ? 1 : 0;
            }
            agreeing += same;
            exact += same == actual[i].length ? 1 : 0;
        }
        binaryAccuracy = (double) agreeing / ((long) actual.length * right.length);
        subsetAccuracy = (double) exact / actual.length;
    }

    /** As floats, which the probabilities are: 0.3f is above the double 0.3. */
    private boolean isGiven(int image, int index) {
        return probabilities[image][index] > thresholds.get(index).floatValue();
    }

    private static double[] losses(float[][] probabilities, boolean[][] actual) {
        double[] losses = new double[actual.length];
        for (int i = 0; i < actual.length; i++) {
            for (int c = 0; c < actual[i].length; c++) {
                double probability = actual[i][c] ? probabilities[i][c] : 1.0 - probabilities[i][c];
                losses[i] -= Math.log(Math.min(Math.max(probability, CLIP), 1 - CLIP));
            }
            losses[i] /= actual[i].length;
        }
        return losses;
    }

    private LabelMetrics metrics(int index) {
        return new LabelMetrics(
                classNames.get(index),
                ClassMetrics.ratio(right[index], predicted[index]),
                ClassMetrics.ratio(right[index], support[index]),
                f1(index),
                averagePrecision(index),
                support[index]);
    }

    private double f1(int index) {
        return ClassMetrics.ratio(2 * right[index], predicted[index] + support[index]);
    }

    private double averagePrecision(int index) {
        return Judgements.Ranking.of(actual.length, image -> probabilities[image][index], image -> actual[image][index])
                .averagePrecision();
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
                classNames, probabilities, actual, losses, Collections.nCopies(classNames.size(), other), shown, card);
    }

    @Override
    MultiLabelReport with(ReportPage.Images other, ModelCard otherCard) {
        return new MultiLabelReport(classNames, probabilities, actual, losses, thresholds, other, otherCard);
    }

    @Override
    MultiLabelReport drawn(int[] places) {
        return new MultiLabelReport(
                classNames,
                IntStream.of(places).mapToObj(i -> probabilities[i]).toArray(float[][]::new),
                IntStream.of(places).mapToObj(i -> actual[i]).toArray(boolean[][]::new),
                IntStream.of(places).mapToDouble(i -> losses[i]).toArray(),
                thresholds,
                ReportPage.Images.NUMBERED,
                NO_CARD);
    }

    @Override
    ReportPage<MultiLabelReport> page() {
        return new ReportPage.OfLabels(this);
    }

    /**
     * The images with the largest loss, the hardest first: those to look at, for what the classifier has not learned and for
     * labels that are wrong or missing.
     *
     * @param most how many, 0 or more
     * @return as many, or all where there are fewer
     * @throws IllegalArgumentException if the number is negative
     */
    public List<HardLabels> hardest(int most) {
        return IntStream.range(0, actual.length)
                .boxed()
                .sorted(Comparator.comparingDouble(image -> -losses[image]))
                .limit(requireCount(most))
                .map(image -> new HardLabels(
                        image, name(image), names(c -> actual[image][c]), names(c -> isGiven(image, c)), losses[image]))
                .toList();
    }

    private List<String> names(IntPredicate chosen) {
        return IntStream.range(0, classNames.size())
                .filter(chosen)
                .mapToObj(classNames::get)
                .toList();
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
        return ClassMetrics.ratio(
                Arrays.stream(right).sum(), Arrays.stream(predicted).sum());
    }

    /**
     * Of all labels that images have, the part that was given.
     *
     * @return 0 to 1; 0 where there are none
     */
    public double microRecall() {
        return ClassMetrics.ratio(
                Arrays.stream(right).sum(), Arrays.stream(support).sum());
    }

    /**
     * The harmonic mean of {@link #microPrecision} and {@link #microRecall}: each label of each image counts alike.
     *
     * @return 0 to 1
     */
    public double microF1() {
        return ClassMetrics.ratio(
                2 * Arrays.stream(right).sum(),
                Arrays.stream(predicted).sum() + Arrays.stream(support).sum());
    }

    /**
     * The mean of the classes' F1: each class counts alike, also one without images.
     *
     * @return 0 to 1
     */
    public double macroF1() {
        return classIndices().mapToDouble(this::f1).average().orElseThrow();
    }

    /**
     * The mean of the average precisions of the classes that have images (scikit-learn counts the others as 0). Does not
     * depend on the threshold.
     *
     * @return 0 to 1; 0 where no image has a label
     */
    public double meanAveragePrecision() {
        return classIndices()
                .filter(c -> support[c] > 0)
                .mapToDouble(this::averagePrecision)
                .average()
                .orElse(0);
    }

    private IntStream classIndices() {
        return IntStream.range(0, classNames.size());
    }

    /**
     * Mean binary cross-entropy of images and classes, with the natural logarithm, as Keras computes it: probabilities
     * clipped to 1e-7 ... 1 - 1e-7.
     *
     * @return above 0, at most 16.12
     */
    public double loss() {
        return Arrays.stream(losses).sum() / losses.length;
    }

    /**
     * Precision, recall, F1, average precision and support of each class.
     *
     * @return an unmodifiable list in the order of the classes
     */
    public List<LabelMetrics> classes() {
        return classIndices().mapToObj(this::metrics).toList();
    }

    /**
     * The report as JSON: {@code size}, {@code threshold} ("NaN" where classes have different ones), {@code loss}, {@code binaryAccuracy}, {@code subsetAccuracy},
     * {@code microPrecision}, {@code microRecall}, {@code microF1}, {@code macroF1}, {@code meanAveragePrecision} and
     * {@code classes}.
     *
     * @return one JSON object, the same in every locale
     */
    @Override
    public String toJson() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("size", size());
        figures.put("threshold", threshold());
        figures.put("loss", loss());
        figures.put("binaryAccuracy", binaryAccuracy);
        figures.put("subsetAccuracy", subsetAccuracy);
        figures.put("microPrecision", microPrecision());
        figures.put("microRecall", microRecall());
        figures.put("microF1", microF1());
        figures.put("macroF1", macroF1());
        figures.put("meanAveragePrecision", meanAveragePrecision());
        figures.put("classes", classes());
        return Json.write(figures);
    }

    /**
     * A table in the layout of scikit-learn's {@code classification_report}, with average precision, followed by the
     * figures of all classes.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        List<LabelMetrics> rows = classes();
        int width = TextTable.width(Stream.concat(Stream.of(MEAN_AVERAGE_PRECISION), classNames.stream()));
        long labels = Arrays.stream(support).sum();
        TextTable table = new TextTable("%" + width + "s  %9s %9s %9s %10s %9s");
        table.row("", "precision", "recall", "f1-score", "avg. prec.", "support")
                .line("");
        for (LabelMetrics metrics : rows) {
            table.row(
                    TextTable.cut(metrics.name()),
                    two(metrics.precision()),
                    two(metrics.recall()),
                    two(metrics.f1()),
                    two(metrics.averagePrecision()),
                    metrics.support());
        }
        return table.line("")
                .row("micro avg", two(microPrecision()), two(microRecall()), two(microF1()), "", labels)
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
}
