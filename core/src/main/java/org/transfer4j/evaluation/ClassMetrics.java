package org.transfer4j.evaluation;

import java.util.Objects;
import org.transfer4j.internal.text.TextTable;

/**
 * How well one class was recognized, or an average over the classes. The definitions are those of scikit-learn's
 * {@code precision_recall_fscore_support} with {@code zero_division=0}: what would be 0/0 is 0.
 */
public final class ClassMetrics {
    private final String name;
    private final double precision;
    private final double recall;
    private final double f1;
    private final long support;

    ClassMetrics(String name, double precision, double recall, double f1, long support) {
        this.name = name;
        this.precision = precision;
        this.recall = recall;
        this.f1 = f1;
        this.support = support;
    }

    /** From counts: rightly predicted, predicted at all, and really there. */
    static ClassMetrics of(String name, long right, long predicted, long support) {
        return new ClassMetrics(
                name, ratio(right, predicted), ratio(right, support), ratio(2 * right, predicted + support), support);
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /**
     * Name of the class.
     *
     * @return the class name, or {@code macro avg} or {@code weighted avg}
     */
    public String name() {
        return name;
    }

    /**
     * Of the images predicted to be of this class, the part that is.
     *
     * @return 0 to 1; 0 where no image was predicted to be of this class
     */
    public double precision() {
        return precision;
    }

    /**
     * Of the images of this class, the part that was predicted to be.
     *
     * @return 0 to 1; 0 where there is no image of this class
     */
    public double recall() {
        return recall;
    }

    /**
     * Harmonic mean of precision and recall; in an average, the average of the classes' F1.
     *
     * @return 0 to 1; 0 where both are 0
     */
    public double f1() {
        return f1;
    }

    /**
     * Number of images of this class.
     *
     * @return at least 0; in an average, all images
     */
    public long support() {
        return support;
    }

    /**
     * Compares all values exactly.
     *
     * @param other what to compare with
     * @return whether it is metrics with the same name and values
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof ClassMetrics that
                && name.equals(that.name)
                && Double.compare(precision, that.precision) == 0
                && Double.compare(recall, that.recall) == 0
                && Double.compare(f1, that.f1) == 0
                && support == that.support;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, precision, recall, f1, support);
    }

    /**
     * All values on one line.
     *
     * @return for example {@code cat: precision 0.6667, recall 1.0000, f1 0.8000, support 2}
     */
    @Override
    public String toString() {
        return name + ": precision " + TextTable.decimals(precision, 4) + ", recall " + TextTable.decimals(recall, 4)
                + ", f1 " + TextTable.decimals(f1, 4) + ", support " + support;
    }
}
