package org.transfer4j.internal.feature;

import org.transfer4j.internal.trunk.Trunk;

/**
 * Features that are computed anew in each epoch, since the images are others each time.
 *
 * @param images decoded anew in each epoch
 * @param trunk what computes; it stays the caller's
 * @param trunkBatch how many images pass the trunk together, whatever the size of the batches to learn from
 */
public record FreshFeatures(Examples images, Trunk trunk, int trunkBatch) implements Examples {
    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Examples inEpoch(int epoch) {
        return new FreshFeatures(images.inEpoch(epoch), trunk, trunkBatch);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new ComputedBatches(images.batches(order, trunkBatch), trunk, order.length, batchSize);
    }

    @Override
    public void close() {
        images.close();
    }
}
