package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** One of our datasets as a source. */
public record DatasetSource(ImageDataset dataset) implements ImageSource {
    @Override
    public List<String> classNames() {
        return dataset.classNames();
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.of(dataset.classCounts());
    }

    @Override
    public long size() {
        return dataset.size();
    }

    @Override
    public BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return new ImageBatchStream(
                dataset.batches(BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize)));
    }

    @Override
    public BatchStream openVariants(
            int height,
            int width,
            ImagePreprocessing preprocessing,
            int batchSize,
            SeededAugmentation augmentation,
            int variants) {
        int[] rows =
                IntStream.range(0, Math.multiplyExact(dataset.size(), variants)).toArray();
        return openRows(
                rows, BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize), augmentation, variants);
    }

    /** Some of these rows. */
    public BatchStream openRows(int[] rows, BatchSettings settings, SeededAugmentation augmentation, int variants) {
        int[] chosen = rows.clone();
        return new ImageBatchStream(dataset.augmentedBatches(
                IntStream.of(chosen).map(row -> row / variants).toArray(),
                augmentation.augmentation(),
                place -> augmentation.randomOfRow(chosen[place], variants),
                settings));
    }

    @Override
    public Optional<Examples> ofDataset(Function<ImageDataset, Examples> examples) {
        return Optional.of(examples.apply(dataset));
    }

    @Override
    public Optional<ImageDataset> behind() {
        return Optional.of(dataset);
    }
}
