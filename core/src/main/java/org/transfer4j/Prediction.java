package org.transfer4j;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.transfer4j.internal.label.LabelText;

/**
 * What a classifier says of one image. Immutable. The probabilities of a softmax head have the sum 1; those of a
 * {@linkplain org.transfer4j.head.Head#multiLabel() multi-label} head are each by itself, and {@link #labels()} is what it
 * was made for.
 */
public final class Prediction {
    private static final double HALF = 0.5;

    private final List<ClassScore> ranked;
    private final boolean multiLabel;

    Prediction(List<String> classNames, float[] probabilities, boolean multiLabel) {
        this.multiLabel = multiLabel;
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
     * The labels with a probability above one half.
     *
     * @return the most probable first, perhaps none; unmodifiable
     */
    public List<String> labels() {
        return labels(HALF);
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
                // as floats, which the probabilities are: 0.3f is above the double 0.3
                .filter(score -> (float) score.probability() > (float) threshold)
                .map(ClassScore::label)
                .toList();
    }

    /**
     * The most probable class; of a multi-label classifier all labels above one half, or the most probable one with the
     * word "no" before it.
     *
     * @return such as "cat (97.3%)", "sea (99.1%), sunset (74.0%)", or "no city (12.0%)"
     */
    @Override
    public String toString() {
        if (!multiLabel) {
            return text(ranked.get(0));
        }
        String labels = ranked.stream()
                .filter(score -> score.probability() > HALF)
                .map(Prediction::text)
                .collect(Collectors.joining(", "));
        return labels.isEmpty() ? "no " + text(ranked.get(0)) : labels;
    }

    private static String text(ClassScore score) {
        return String.format(Locale.ROOT, "%s (%.1f%%)", score.label(), 100 * score.probability());
    }
}
