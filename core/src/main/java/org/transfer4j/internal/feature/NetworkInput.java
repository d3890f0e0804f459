package org.transfer4j.internal.feature;

import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * What a network takes: images [N, 3, height, width].
 *
 * @param height to which images are resized
 * @param width to which images are resized
 * @param preprocessing what is done to pixels
 */
public record NetworkInput(int height, int width, ImagePreprocessing preprocessing) {
    BatchSettings batches(int batchSize) {
        return BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize);
    }
}
