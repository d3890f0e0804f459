package org.transfer4j;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What a classifier says of one image. Immutable. */
public final class Prediction {
    private final List<ClassScore> ranked;

    Prediction(List<String> classNames, float[] probabilities) {
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

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s (%.1f%%)", label(), 100 * probability());
    }
}
