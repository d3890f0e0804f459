package org.transfer4j.internal.cache;

import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.StoredBatches;

/** Features of a dataset's images, read from the chunks of a cache. */
final class CachedExamples implements Examples {
    private final RowLocations locations;
    private final int[] contentOfImage;
    private final int[] classOfImage;
    private final long[] shape;

    CachedExamples(RowLocations locations, int[] contentOfImage, int[] classOfImage, long[] shape) {
        this.locations = locations;
        this.contentOfImage = contentOfImage;
        this.classOfImage = classOfImage;
        this.shape = shape;
    }

    @Override
    public int size() {
        return contentOfImage.length;
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new StoredBatches(
                (image, from, to, target) -> locations.read(contentOfImage[image], from, to, target),
                classOfImage,
                shape,
                order,
                batchSize);
    }

    @Override
    public void close() {
        locations.close();
    }
}
