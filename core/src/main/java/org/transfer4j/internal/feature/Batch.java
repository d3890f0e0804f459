package org.transfer4j.internal.feature;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Some images, or what the trunk made of them, with their classes. */
public final class Batch {
    private final INDArray features;
    private final int[] classIndices;

    /**
     * Holds both without a copy.
     *
     * @param features [n, ...], float, C order; valid until the next batch is asked for
     * @param classIndices n classes
     */
    public Batch(INDArray features, int[] classIndices) {
        this.features = features;
        this.classIndices = classIndices;
    }

    /** The images or features, [n, ...]. */
    public INDArray features() {
        return features;
    }

    /** The n classes, not to be changed. */
    public int[] classIndices() {
        return classIndices;
    }

    /** The number of images. */
    public int size() {
        return classIndices.length;
    }
}
