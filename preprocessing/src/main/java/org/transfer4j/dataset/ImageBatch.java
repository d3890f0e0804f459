package org.transfer4j.dataset;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A few images as network input, with their classes. */
public final class ImageBatch {
    private final INDArray features;
    private final int[] classIndices;
    private final int[] mixedClassIndices;
    private final double[] weights;

    ImageBatch(INDArray features, int[] classIndices, int[] mixedClassIndices, double[] weights) {
        this.features = features;
        this.classIndices = classIndices;
        this.mixedClassIndices = mixedClassIndices;
        this.weights = weights;
    }

    /**
     * The preprocessed images.
     *
     * @return [n, 3, H, W], float, in C order; valid until the next batch is asked for or the batches are closed, and reused
     *     then: copy what must live longer
     */
    public INDArray features() {
        return features;
    }

    /**
     * The classes of the images.
     *
     * @return a new array of n indices into {@link ImageDataset#classNames()}
     */
    public int[] classIndices() {
        return classIndices.clone();
    }

    /**
     * The classes of what was mixed into the images.
     *
     * @return a new array of n indices; the images' own where nothing was
     */
    public int[] mixedClassIndices() {
        return mixedClassIndices.clone();
    }

    /**
     * The shares of the images themselves; what was mixed in has the rest.
     *
     * @return a new array of n numbers within 0 and 1; 1 where nothing was mixed in
     */
    public double[] weights() {
        return weights.clone();
    }

    /**
     * The number of images.
     *
     * @return n, at least 1
     */
    public int size() {
        return classIndices.length;
    }
}
