package org.transfer4j;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.plan.AnswerKind;

/**
 * What a classifier says of one image. Immutable. The probabilities of a softmax head have the sum 1; those of a
 * {@linkplain org.transfer4j.head.Head#multiLabel() multi-label} head are each by itself, and {@link #labels()} is what it
 * was made for.
 */
public final class Prediction {
    private static final double HALF = 0.5;
    private static final double KNOWN = 0.95;

    private final List<ClassScore> ranked;
    private final boolean multiLabel;
    private final boolean mean;
    private final float novelty;
    private final FittedCalibration calibration;

    Prediction(List<String> classNames, Answer answer, AnswerKind kind, FittedCalibration calibration) {
        float[] probabilities = answer.probabilities();
        this.multiLabel = kind == AnswerKind.LABELS;
        this.mean = answer.mean();
        this.novelty = answer.novelty();
        this.calibration = calibration;
        // the sort is stable: of equal probabilities the lower index comes first
        ranked = IntStream.range(0, probabilities.length)
                .mapToObj(index -> new ClassScore(classNames.get(index), index, probabilities[index]))
                .sorted(Comparator.comparingDouble(ClassScore::probability).reversed())
                .toList();
    }

    /**
     * The name of the most probable class; of equally probable ones the first in the class table.
     *
     * @return the label
     */
    public String label() {
        return ranked.get(0).label();
    }

    /**
     * The index of the most probable class.
     *
     * @return the index in the classifier's class table, from 0
     */
    public int classIndex() {
        return ranked.get(0).classIndex();
    }

    /**
     * The probability of the most probable class.
     *
     * @return in [0, 1]
     */
    public double probability() {
        return ranked.get(0).probability();
    }

    /**
     * The most probable classes.
     *
     * @param k how many, 1 or more; where there are fewer classes all are given
     * @return the classes, most probable first
     */
    public List<ClassScore> top(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("top(k) needs k of 1 or more, got " + k);
        }
        return ranked.subList(0, Math.min(k, ranked.size()));
    }

    /**
     * The probability of a class.
     *
     * @param label the class's name
     * @return in [0, 1]
     * @throws IllegalArgumentException if the classifier has no such class
     */
    public double probability(String label) {
        Objects.requireNonNull(label, "label");
        String name = LabelText.normal(label);
        return ranked.stream()
                .filter(score -> score.label().equals(name))
                .mapToDouble(ClassScore::probability)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the classifier has no class \"" + label
                        + "\"; it has "
                        + ranked.stream()
                                .sorted(Comparator.comparingInt(ClassScore::classIndex))
                                .map(ClassScore::label)
                                .toList()));
    }

    /**
     * The classes that can't be ruled out: sets of many images have the actual class among them as often as wanted, as far as
     * the images are drawn as those of the calibration were, whatever the network is worth (split conformal prediction with
     * the score 1 - probability, which makes the sets small on average). An image that is sure has one class, an unsure one
     * several; one that is stranger than so many held-out images may have none.
     *
     * @param coverage the part of the images whose set shall have their actual class, above 0 and below 1, such as 0.95
     * @return the most probable first; unmodifiable
     * @throws IllegalStateException if the classifier is not {@linkplain ImageClassifier#calibrate calibrated}, gives each image
     *     several labels, or this is the mean of several {@linkplain org.transfer4j.preprocessing.Views views} or classifiers
     * @throws IllegalArgumentException if the coverage is out of its range, or the images of the calibration are too few for
     *     it: 95% wants 19 beside those of the temperature, 99% wants 99
     */
    public List<String> set(double coverage) {
        if (multiLabel) {
            throw new IllegalStateException(
                    "a set is of classes of which an image has one; this classifier gives each image several labels()");
        }
        if (mean) {
            throw new IllegalStateException(
                    "sets come from held-out images as one classifier sees them as they are; this is"
                            + " a mean of several views or classifiers, of which they tell nothing");
        }
        FittedCalibration.Probabilities probabilities = calibration.probabilities();
        if (probabilities == null) {
            throw new IllegalStateException(
                    "sets come from held-out images: predict by what ImageClassifier.calibrate(heldOut) returns");
        }
        float highest = probabilities.scores().highest(coverage);
        return ranked.stream()
                .filter(score -> FittedCalibration.score((float) score.probability()) <= highest)
                .map(ClassScore::label)
                .toList();
    }

    /**
     * Whether the image is like the training images, as 95% of the held-out images are: {@link #isKnown(double)}.
     *
     * @return false where the classifier should not be asked
     * @throws IllegalStateException if the classifier was not calibrated with its training images
     */
    public boolean isKnown() {
        return isKnown(KNOWN);
    }

    /**
     * Whether the image is as like the training images as a part of the held-out images is. Of new images that are drawn as
     * these were that part or more are known, of others as few as the features tell them apart; what the image shows may be
     * wrongly classified all the same, of which {@link #set} tells.
     *
     * @param coverage the part of the images to be known that are drawn as the held-out ones, above 0 and below 1
     * @return false where the classifier should not be asked
     * @throws IllegalStateException if the classifier was not {@linkplain
     *     ImageClassifier#calibrate(org.transfer4j.dataset.ImageDataset, org.transfer4j.dataset.ImageDataset) calibrated with
     *     its training images}
     * @throws IllegalArgumentException if the coverage is out of its range, or the held-out images are too few for it: 95%
     *     wants 19, 99% wants 99
     */
    public boolean isKnown(double coverage) {
        return novelty <= calibration.requireKnown().distances().highest(coverage);
    }

    /**
     * How unlike the training images the image is: the distance that {@link #isKnown(double)} compares with those of the
     * held-out images.
     *
     * @return 0 or more; what is much depends on the {@link org.transfer4j.evaluation.NoveltyScore} and the features
     * @throws IllegalStateException if the classifier was not calibrated with its training images
     */
    public double novelty() {
        calibration.requireKnown();
        return novelty;
    }

    /**
     * The labels with a probability above one half, or above the threshold that {@link
     * ImageClassifier#calibrate(org.transfer4j.dataset.MultiLabelDataset)} has chosen for each.
     *
     * @return the most probable first, perhaps none; unmodifiable
     */
    public List<String> labels() {
        return ranked.stream().filter(this::isGiven).map(ClassScore::label).toList();
    }

    private boolean isGiven(ClassScore score) {
        List<LabelThreshold> thresholds = calibration.thresholds();
        return isAbove(
                score,
                thresholds.isEmpty() ? HALF : thresholds.get(score.classIndex()).threshold());
    }

    private static boolean isAbove(ClassScore score, double threshold) {
        // as floats, which the probabilities are: 0.3f is above the double 0.3
        return (float) score.probability() > (float) threshold;
    }

    /**
     * The labels with a probability above a threshold.
     *
     * @param threshold between 0 and 1, both excluded
     * @return the most probable first, perhaps none; unmodifiable
     * @throws IllegalArgumentException if the threshold is out of its range
     */
    public List<String> labels(double threshold) {
        if (!(threshold > 0 && threshold < 1)) {
            throw new IllegalArgumentException("a threshold is above 0 and below 1, got " + threshold);
        }
        return ranked.stream()
                .filter(score -> isAbove(score, threshold))
                .map(ClassScore::label)
                .toList();
    }

    /**
     * The most probable class; of a multi-label classifier all {@link #labels()}, or the most probable one with the
     * word "no" before it.
     *
     * @return such as "cat (97.3%)", "sea (99.1%), sunset (74.0%)", or "no city (12.0%)"
     */
    @Override
    public String toString() {
        if (!multiLabel) {
            return text(ranked.get(0));
        }
        String labels =
                ranked.stream().filter(this::isGiven).map(Prediction::text).collect(Collectors.joining(", "));
        return labels.isEmpty() ? "no " + text(ranked.get(0)) : labels;
    }

    private static String text(ClassScore score) {
        return String.format(Locale.ROOT, "%s (%.1f%%)", score.label(), 100 * score.probability());
    }
}
