package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageBatch;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** One of our datasets as a source. */
public record DatasetSource(ImageDataset dataset) implements ImageSource {
    @Override
    public List<String> classNames() {
        return dataset.classNames();
    }

    @Override
    public long size() {
        return dataset.size();
    }

    @Override
    public BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return new Stream(
                dataset.batches(BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize)));
    }

    @Override
    public Optional<Examples> ofDataset(Function<ImageDataset, Examples> examples) {
        return Optional.of(examples.apply(dataset));
    }

    @Override
    public Optional<ImageDataset> behind() {
        return Optional.of(dataset);
    }

    private record Stream(ImageBatches batches) implements BatchStream {
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
}
