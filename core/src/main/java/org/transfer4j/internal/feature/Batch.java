package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Some images, or what the trunk made of them, with their classes. */
public final class Batch {
    private final BatchValues values;
    private final int[] classIndices;
    private final MixedClasses mixed;

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
        this(values, classIndices, MixedClasses.none(classIndices));
    }

    private Batch(BatchValues values, int[] classIndices, MixedClasses mixed) {
        this.values = values;
        this.classIndices = classIndices;
        this.mixed = mixed;
    }

    /** The same images with their classes' new numbers. */
    Batch relabelled(IntUnaryOperator newIndex) {
        return new Batch(values, Arrays.stream(classIndices).map(newIndex).toArray(), mixed.relabelled(newIndex));
    }

    /** The same images, told that others were mixed into them. */
    public Batch mixedWith(MixedClasses others) {
        if (others.others().length != size()) {
            throw new IllegalArgumentException(
                    "second classes for " + others.others().length + " images, of " + size());
        }
        return new Batch(values, classIndices, others);
    }

    /** The same images with their features on another scale. */
    Batch scaled(FeatureScale scale) {
        return new Batch(new FeatureScale.Values(values, scale), classIndices, mixed);
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

    /** The classes of what was mixed into the images; their own, without weight, where nothing was. */
    public MixedClasses mixed() {
        return mixed;
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
     * Copies some of an image's values, for those who need no array of all. Several threads may do so at once.
     *
     * @param from the first value
     * @param to the one after the last
     * @param target gets them where its position is, as floats in native order
     */
    public void copyValues(int row, int from, int to, ByteBuffer target) {
        values.copy(row, from, to, target);
    }
}
