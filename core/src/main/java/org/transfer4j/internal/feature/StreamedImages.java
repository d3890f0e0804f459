package org.transfer4j.internal.feature;

import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Examples for a network without frozen layers: images, decoded anew in each epoch, since nothing was computed. */
public record StreamedImages(ImageDataset dataset, int height, int width, ImagePreprocessing preprocessing)
        implements Examples {
    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new DatasetSource(dataset.select(order)).open(height, width, preprocessing, batchSize);
    }

    @Override
    public void close() {
        // nothing is kept
    }
}
