package org.transfer4j.dataset;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A few images as network input, with their classes. */
public final class ImageBatch {
    private final INDArray features;
    private final int[] classIndices;

    ImageBatch(INDArray features, int[] classIndices) {
        this.features = features;
        this.classIndices = classIndices;
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
     * The number of images.
     *
     * @return n, at least 1
     */
    public int size() {
        return classIndices.length;
    }
}
