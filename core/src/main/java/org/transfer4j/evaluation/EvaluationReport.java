package org.transfer4j.evaluation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.json.Json;

/**
 * How a classifier did on a dataset. Immutable; made by {@link EvaluationAccumulator}, which also says how ties are
 * broken and how the loss is computed.
 */
public final class EvaluationReport extends Report<EvaluationReport> {
    /** As in "On Calibration of Modern Neural Networks". */
    private static final int BINS = 15;

    /** Of how many first places the accuracy is told in JSON. */
    private static final int LARGEST_K = 5;

    private final Judgements judgements;
    private final List<String> classNames;
    private final Judgements.ClassCounts counts;
    private final long[] ranks;
    private final double loss;
    private final List<ClassMetrics> classes;

    /** Made when it is asked for: the only one of the figures that grows with the square of the classes. */
    private volatile @Nullable ConfusionMatrix confusionMatrix;

    EvaluationReport(List<String> classNames, Judgements judgements, ReportPage.Images shown, ModelCard card) {
        super(judgements.images().size(), shown, card);
        this.judgements = judgements;
        this.classNames = List.copyOf(classNames);
        ranks = judgements.ranks();
        loss = judgements.loss();
        counts = judgements.classCounts();
        classes = counts.metrics(this.classNames);
    }

    /**
     * Number of images.
     *
     * @return at least 1
     */
    public long size() {
        return images;
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
        return (double) Arrays.stream(ranks, 0, k).sum() / images;
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
     * The mean of minus the natural logarithm of the actual class's probability, as scikit-learn's {@code log_loss}
     * computes it of doubles: clipped to 2.2e-16 ... 1 - 2.2e-16, where {@link #loss} clips to 1e-7.
     *
     * @return 0 to 36.05
     */
    public double logLoss() {
        return judgements.logLoss();
    }

    /**
     * The area under the receiver operating characteristic of one class against all others, as scikit-learn's
     * {@code roc_auc_score}: the part of the pairs of an image of the class and another in which the former has the higher
     * probability for it; equal ones count half.
     *
     * @param classIndex from 0
     * @return 0 to 1; NaN where no image is of the class, or all are
     * @throws IllegalArgumentException if there is no such class
     */
    public double rocAuc(int classIndex) {
        return judgements
                .ranking(ConfusionMatrix.requireIndex(classIndex, ranks.length))
                .rocAuc();
    }

    /**
     * The mean of the classes' {@link #rocAuc(int)}, each class with the same weight, as scikit-learn's
     * {@code roc_auc_score(multi_class="ovr")}; classes without images, for which that refuses, are left out.
     *
     * @return 0 to 1; NaN where all images are of one class
     */
    public double rocAuc() {
        return IntStream.range(0, ranks.length)
                .mapToDouble(this::rocAuc)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The area under the precision-recall curve of one class, without interpolation, as scikit-learn's
     * {@code average_precision_score}.
     *
     * @param classIndex from 0
     * @return 0 to 1; 0 where no image is of the class
     * @throws IllegalArgumentException if there is no such class
     */
    public double averagePrecision(int classIndex) {
        return judgements
                .ranking(ConfusionMatrix.requireIndex(classIndex, ranks.length))
                .averagePrecision();
    }

    /**
     * How far predictions agree with the labels beyond what the frequencies of the classes alone would give (J. Cohen,
     * 1960), as scikit-learn's {@code cohen_kappa_score}.
     *
     * @return -1 to 1; 0 for guesses, NaN where all images are of one class and were taken for it
     */
    public double cohenKappa() {
        return counts.cohenKappa();
    }

    /**
     * The correlation of predictions and labels (B. Matthews, 1975; for several classes J. Gorodkin, 2004), as
     * scikit-learn's {@code matthews_corrcoef}.
     *
     * @return -1 to 1; 0 for guesses, and where all images are of one class or were taken for one
     */
    public double matthewsCorrelation() {
        return counts.matthewsCorrelation();
    }

    /**
     * The mean squared distance of probabilities from labels (G. Brier, 1950), as scikit-learn's {@code brier_score_loss}:
     * the sum over the classes, of two classes that of the second alone.
     *
     * @return 0 to 2, of two classes 0 to 1; the lower the better
     */
    public double brierScore() {
        return judgements.brierScore();
    }

    /**
     * How far the probability of the predicted class is from the part that is right: the mean distance over 15 equal
     * ranges of probability, each with its number of images as weight (C. Guo and others, "On Calibration of Modern Neural
     * Networks", 2017).
     *
     * @return 0 to 1; 0 where 80% of what is predicted with 80% is right, and so on
     */
    public double expectedCalibrationError() {
        return calibration().stream()
                .filter(bin -> bin.size() > 0)
                .mapToDouble(bin -> bin.size() * Math.abs(bin.accuracy() - bin.confidence()) / images)
                .sum();
    }

    /**
     * What part of the images is right at which probability of the predicted class.
     *
     * @return 15 ranges from 0 to 1, unmodifiable
     */
    public List<CalibrationBin> calibration() {
        return judgements.calibration(BINS);
    }

    /**
     * The images whose actual class got the least probability, the hardest first: those to look at, for what the classifier
     * has not learned and for wrong labels.
     *
     * @param most how many, 0 or more
     * @return as many, or all where there are fewer
     * @throws IllegalArgumentException if the number is negative
     */
    public List<HardImage> hardest(int most) {
        return judgements.images().stream()
                .sorted(Comparator.comparingDouble(image -> image.scores()[image.actual()]))
                .limit(requireCount(most))
                .map(image -> new HardImage(
                        image.index(),
                        name(image.index()),
                        classNames.get(image.actual()),
                        classNames.get(image.predicted()),
                        image.scores()[image.actual()],
                        image.scores()[image.predicted()]))
                .toList();
    }

    @Override
    EvaluationReport with(ReportPage.Images other, ModelCard otherCard) {
        return new EvaluationReport(classNames, judgements, other, otherCard);
    }

    @Override
    EvaluationReport drawn(int[] places) {
        return new EvaluationReport(classNames, judgements.drawn(places), ReportPage.Images.NUMBERED, NO_CARD);
    }

    @Override
    ReportPage<EvaluationReport> page() {
        return new ReportPage.OfClasses(this);
    }

    /**
     * Draws {@link #calibration()}: the part that is right over the probability of the predicted class. Needs no screen.
     *
     * @param png the file, replaced whole or not at all; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void plotCalibration(Path png) {
        ReplacedFile.writeBytes(png, "picture", () -> Png.of(List.of(CalibrationBin.chart(calibration()))));
    }

    /**
     * How often each class was taken for each other one. It takes 8 bytes x classes x classes, once it is asked for.
     *
     * @return rows are actual classes
     */
    public ConfusionMatrix confusionMatrix() {
        ConfusionMatrix made = confusionMatrix;
        if (made == null) {
            made = new ConfusionMatrix(classNames, judgements.counts());
            confusionMatrix = made;
        }
        return made;
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
        return ClassMetrics.average("macro avg", classes, metrics -> 1.0 / classes.size(), images);
    }

    /**
     * Precision, recall and F1 averaged over the classes, each with its number of images as weight.
     *
     * @return the averages, under the name {@code weighted avg}
     */
    public ClassMetrics weightedAverage() {
        return ClassMetrics.average("weighted avg", classes, metrics -> (double) metrics.support() / images, images);
    }

    /**
     * The report as JSON: {@code size}, {@code accuracy}, {@code loss}, {@code topK} (the values for k = 1 to 5, or to
     * the number of classes), {@code logLoss}, {@code rocAuc}, {@code cohenKappa}, {@code matthewsCorrelation},
     * {@code brierScore}, {@code expectedCalibrationError} (not a number is "NaN"), {@code classes}, {@code macroAverage}, {@code weightedAverage} and
     * {@code confusionMatrix} with {@code classNames} and {@code counts}, rows actual.
     *
     * @return one JSON object, the same in every locale
     */
    @Override
    public String toJson() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("size", size());
        figures.put("accuracy", accuracy());
        figures.put("loss", loss);
        figures.put(
                "topK",
                IntStream.rangeClosed(1, Math.min(LARGEST_K, ranks.length))
                        .mapToObj(this::topK)
                        .toList());
        figures.put("logLoss", logLoss());
        figures.put("rocAuc", rocAuc());
        figures.put("cohenKappa", cohenKappa());
        figures.put("matthewsCorrelation", matthewsCorrelation());
        figures.put("brierScore", brierScore());
        figures.put("expectedCalibrationError", expectedCalibrationError());
        figures.put("classes", classes);
        figures.put("macroAverage", macroAverage());
        figures.put("weightedAverage", weightedAverage());
        figures.put("confusionMatrix", confusionMatrix());
        return Json.write(figures);
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
                && confusionMatrix().equals(that.confusionMatrix())
                && Arrays.equals(ranks, that.ranks)
                && Double.compare(loss, that.loss) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * classNames.hashCode() + Arrays.hashCode(ranks) + Double.hashCode(loss);
    }

    /**
     * A table in the layout of scikit-learn's {@code classification_report}, followed by the loss.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        return ClassMetrics.table(this);
    }
}
