package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.feature.SeededAugmentation;
import org.transfer4j.internal.feature.StoredBatches;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.training.FitListener;

/**
 * Takes a dataset's features from a cache; those that are not in it are computed and put there, or waited for where
 * another fit is about to.
 */
public final class CachedFeaturePass {
    private static final Logger LOG = LoggerFactory.getLogger(CachedFeaturePass.class);

    private final CacheFolder cache;
    private final long maximumBytes;
    private final FeatureRecipe recipe;
    private final FeatureSpace space;
    private final int batchSize;
    private final FitListener listener;
    private final Duration patience;

    /**
     * Reads all weights, to know them again.
     *
     * @param batchSize how many images pass the trunk together
     * @param listener hears of the images that are computed, and nothing where none are
     */
    public CachedFeaturePass(
            CacheFolder cache, long maximumBytes, FeatureRecipe recipe, int batchSize, FitListener listener) {
        this(cache, maximumBytes, recipe, batchSize, listener, ComputingTurn.PATIENCE);
    }

    CachedFeaturePass(
            CacheFolder cache,
            long maximumBytes,
            FeatureRecipe recipe,
            int batchSize,
            FitListener listener,
            Duration patience) {
        this.cache = cache;
        this.maximumBytes = maximumBytes;
        this.recipe = recipe;
        this.space = FeatureSpace.of(recipe);
        this.batchSize = batchSize;
        this.listener = listener;
        this.patience = patience;
    }

    /**
     * Gives the features of all images of a dataset.
     *
     * @throws UncheckedIOException if the cache can't be written; it keeps what was complete
     */
    public Examples run(DatasetSource images) {
        return run(new PassImages.Plain(images));
    }

    /**
     * Gives the features of several variants of each image: all of the first image, then those of the second, and so on.
     *
     * @throws UncheckedIOException if the cache can't be written; it keeps what was complete
     */
    public Examples run(DatasetSource images, SeededAugmentation augmentation, int variants) {
        return run(new PassImages.Variants(images, augmentation, variants, recipe.height(), recipe.width()));
    }

    /** What a row takes on disk, with what it is known by. */
    public long rowBytes() {
        return (long) space.rowBytes() + Sha256.BYTES;
    }

    /**
     * Reads a dataset's images, to know how many rows of features are not in the cache yet.
     *
     * @throws UncheckedIOException if the cache can't be read
     */
    public long missing(DatasetSource images) {
        return missing(new PassImages.Plain(images));
    }

    /**
     * Counts the rows of several variants of each image that are not in the cache yet.
     *
     * @throws UncheckedIOException if the cache can't be read
     */
    public long missing(DatasetSource images, SeededAugmentation augmentation, int variants) {
        return missing(new PassImages.Variants(images, augmentation, variants, recipe.height(), recipe.width()));
    }

    private long missing(PassImages images) {
        DatasetContents contents = DatasetContents.of(images);
        RowLocations locations = new RowLocations(contents.size());
        SpaceFolder folder = new SpaceFolder(cache.root(), space);
        try {
            new ChunkSearch(folder, contents, locations).run();
            return locations.missing().length;
        } catch (IOException e) {
            throw FileFailure.of("can't read the cache " + folder.path(), e);
        } finally {
            locations.close();
        }
    }

    @SuppressWarnings("try") // the turn is held, not used
    private Examples run(PassImages images) {
        DatasetContents contents = DatasetContents.of(images);
        RowLocations locations = new RowLocations(contents.size());
        SpaceFolder folder = new SpaceFolder(cache.root(), space);
        ChunkSearch search = new ChunkSearch(folder, contents, locations);
        try {
            search.run();
            if (search.isMissingSome()) {
                try (@Nullable
                        SpaceLock turn = new ComputingTurn(folder, search, patience)
                                .await()
                                .orElse(null)) {
                    search.run();
                    computeMissing(images, contents, folder, locations);
                }
            }
            List<Target> targets =
                    IntStream.range(0, images.size()).mapToObj(images::target).toList();
            return new CachedExamples(locations, contents.contentOfImage(), targets, space.shape());
        } catch (IOException e) {
            locations.close();
            throw FileFailure.of("can't keep features in the cache " + folder.path(), e);
        } catch (RuntimeException | Error e) {
            locations.close();
            throw e;
        }
    }

    private void computeMissing(PassImages images, DatasetContents contents, SpaceFolder folder, RowLocations locations)
            throws IOException {
        int[] missing = locations.missing();
        LOG.debug("features of {} of {} different images are not in the cache", missing.length, contents.size());
        if (missing.length > 0) {
            requireSpace(missing.length);
            compute(images, contents, missing, new RowWriter(cache, folder, maximumBytes, locations));
        }
    }

    private void requireSpace(int rows) throws IOException {
        long bytes = rows * rowBytes();
        long usable = Files.getFileStore(cache.root()).getUsableSpace();
        if (bytes > usable) {
            throw new IOException("the features need " + bytes + " bytes, and " + usable + " are left on the disk");
        }
        if (bytes > maximumBytes) {
            LOG.warn(
                    "the features need {} bytes, more than the {} that the cache may have: not all of them will be kept",
                    bytes,
                    maximumBytes);
        }
    }

    private void compute(PassImages images, DatasetContents contents, int[] missing, RowWriter writer)
            throws IOException {
        int[] selected = IntStream.of(missing).map(contents::image).toArray();
        recipe.trunk().prepare(batchSize);
        try (writer;
                BatchStream batches = new FeatureStream(images.open(selected, recipe, batchSize), recipe.trunk())) {
            listener.featuresStarted(missing.length);
            int done = 0;
            try {
                while (batches.hasNext()) {
                    Batch batch = batches.next();
                    int[] computed = Arrays.copyOfRange(missing, done, done + batch.size());
                    writer.append(batch.features().data().asNio(), computed, contents.confirmedDigests(computed));
                    done += batch.size();
                    listener.featuresAdvanced(done);
                }
            } catch (RuntimeException e) {
                keep(writer, e);
                throw e;
            }
            writer.finishChunk();
            listener.featuresFinished(done);
        }
    }

    /** What was computed before an image or a listener failed is worth keeping. */
    private static void keep(RowWriter writer, RuntimeException failure) {
        try {
            writer.finishChunk();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Features of a dataset's images, read from the chunks of a cache. */
    private static final class CachedExamples implements Examples {
        private final RowLocations locations;
        private final int[] contentOfImage;
        private final List<Target> targets;
        private final long[] shape;

        CachedExamples(RowLocations locations, int[] contentOfImage, List<Target> targets, long[] shape) {
            this.locations = locations;
            this.contentOfImage = contentOfImage;
            this.targets = targets;
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
                    targets,
                    shape,
                    order,
                    batchSize);
        }

        @Override
        public void close() {
            locations.close();
        }
    }
}
