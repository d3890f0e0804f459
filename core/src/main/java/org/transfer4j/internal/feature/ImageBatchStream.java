package org.transfer4j.internal.feature;

import org.transfer4j.dataset.ImageBatch;
import org.transfer4j.dataset.ImageBatches;

/** A dataset's batches. */
record ImageBatchStream(ImageBatches batches) implements BatchStream {
    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public Batch next() {
        ImageBatch batch = batches.next();
        return new Batch(batch.features(), batch.classIndices());
    }

    @Override
    public void close() {
        batches.close();
    }
}
