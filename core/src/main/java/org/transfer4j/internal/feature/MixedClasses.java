package org.transfer4j.internal.feature;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** The second classes of a batch's images, into which others were mixed. */
public final class MixedClasses {
    private final int[] others;
    private final double[] weights;

    /** Holds both without a copy. */
    public MixedClasses(int[] others, double[] weights) {
        if (others.length != weights.length) {
            throw new IllegalArgumentException(others.length + " classes, but " + weights.length + " weights");
        }
        this.others = others;
        this.weights = weights;
    }

    /** The class of what was mixed into each image, not to be changed. */
    public int[] others() {
        return others;
    }

    /** The share of each image's own class, 0 to 1, not to be changed. */
    public double[] weights() {
        return weights;
    }

    /** Nothing mixed in. */
    static MixedClasses none(int[] classIndices) {
        double[] weights = new double[classIndices.length];
        Arrays.fill(weights, 1);
        return new MixedClasses(classIndices, weights);
    }

    MixedClasses relabelled(IntUnaryOperator newIndex) {
        return new MixedClasses(Arrays.stream(others).map(newIndex).toArray(), weights);
    }
}
