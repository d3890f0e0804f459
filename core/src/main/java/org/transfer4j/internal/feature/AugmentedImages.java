package org.transfer4j.internal.feature;

import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Images, decoded and augmented anew in each epoch. */
public record AugmentedImages(
        ImageDataset dataset,
        int height,
        int width,
        ImagePreprocessing preprocessing,
        SeededAugmentation augmentation,
        int epoch)
        implements Examples {
    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public Examples inEpoch(int number) {
        return new AugmentedImages(dataset, height, width, preprocessing, augmentation, number);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        int[] images = order.clone();
        return new ImageBatchStream(dataset.augmentedBatches(
                images,
                augmentation.augmentation(),
                place -> augmentation.random(images[place], epoch),
                BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize)));
    }

    @Override
    public void close() {
        // nothing is kept
    }
}
