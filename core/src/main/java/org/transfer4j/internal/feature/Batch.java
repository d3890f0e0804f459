package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Some images, or what the trunk made of them, with their classes. */
public final class Batch {
    private final BatchValues values;
    private final int[] classIndices;

    /**
     * Holds both without a copy.
     *
     * @param features [n, ...], float, C order; valid until the next batch is asked for
     * @param classIndices n classes
     */
    public Batch(INDArray features, int[] classIndices) {
        this(new ArrayValues(features), classIndices);
        if (features.size(0) != classIndices.length) {
            throw new IllegalArgumentException(
                    features.size(0) + " rows of features, but " + classIndices.length + " classes");
        }
    }

    Batch(BatchValues values, int[] classIndices) {
        this.values = values;
        this.classIndices = classIndices;
    }

    /** The same images with other classes. */
    Batch withClasses(int[] others) {
        return new Batch(values, others);
    }

    /** A batch to predict: it has no classes that mean anything. */
    public static Batch unlabelled(INDArray features) {
        return new Batch(features, new int[Math.toIntExact(features.size(0))]);
    }

    /** The images or features, [n, ...]. */
    public INDArray features() {
        return values.all();
    }

    /** The n classes, not to be changed. */
    public int[] classIndices() {
        return classIndices;
    }

    /** The number of images. */
    public int size() {
        return classIndices.length;
    }

    /** The number of values that each image has. */
    public int rowLength() {
        return values.rowLength();
    }

    /**
     * Copies the values of some images, for those who need no array of all. Several threads may do so at once.
     *
     * @param from the first image
     * @param to the one after the last
     * @param target gets them one image after the other, as floats in native order
     */
    public void copyRows(int from, int to, ByteBuffer target) {
        for (int row = from; row < to; row++) {
            values.copyRow(row, target);
        }
    }
}
