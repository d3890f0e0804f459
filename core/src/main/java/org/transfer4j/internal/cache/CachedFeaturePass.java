package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.Chunk.ChunkLayout;
import org.transfer4j.internal.cache.Chunk.ChunkWriter;
import org.transfer4j.internal.cache.ChunkSearch.RowLocations;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.feature.StoredBatches;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.FreeSpace;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.training.FitListener;

/**
 * Takes a dataset's features from a cache; those that are not in it are computed and put there, or waited for where
 * another fit is about to.
 */
public final class CachedFeaturePass {
    private static final Logger LOG = LoggerFactory.getLogger(CachedFeaturePass.class);

    private final CacheFolder cache;
    private final long maximumBytes;
    private final FeatureSpace.Recipe recipe;
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
            CacheFolder cache, long maximumBytes, FeatureSpace.Recipe recipe, int batchSize, FitListener listener) {
        this(cache, maximumBytes, recipe, batchSize, listener, ComputingTurn.PATIENCE);
    }

    CachedFeaturePass(
            CacheFolder cache,
            long maximumBytes,
            FeatureSpace.Recipe recipe,
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

    /** What a row takes on disk, with what it is known by. */
    public long rowBytes() {
        return (long) space.rowBytes() + Sha256.BYTES;
    }

    /**
     * Reads a dataset's images, to know how many rows of features are not in the cache yet.
     *
     * @throws UncheckedIOException if the cache can't be read
     */
    public long missing(DatasetSource images, Variants variants) {
        DatasetContents contents = new DatasetContents(images, recipe.input(), variants);
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

    /**
     * Gives the features of all images of a dataset, or of variants of each: all of the first image, then those of the
     * second, and so on.
     *
     * @throws UncheckedIOException if the cache can't be written; it keeps what was complete
     */
    @SuppressWarnings("try") // the turn is held, not used
    public Examples run(DatasetSource images, Variants variants) {
        DatasetContents contents = new DatasetContents(images, recipe.input(), variants);
        RowLocations locations = new RowLocations(contents.size());
        SpaceFolder folder = new SpaceFolder(cache.root(), space);
        ChunkSearch search = new ChunkSearch(folder, contents, locations);
        try {
            search.run();
            if (search.isMissingSome()) {
                try (@Nullable
                        LockFile turn =
                                ComputingTurn.await(folder, search, patience).orElse(null)) {
                    search.run();
                    computeMissing(contents, folder, locations);
                }
            } else {
                // the maximum may be less than that of the fit that computed them
                cache.trim(maximumBytes);
            }
            return new CachedExamples(locations, contents.contentOfRow(), contents.targets(), space.shape());
        } catch (IOException e) {
            locations.close();
            throw FileFailure.of("can't keep features in the cache " + folder.path(), e);
        } catch (RuntimeException | Error e) {
            locations.close();
            throw e;
        }
    }

    private void computeMissing(DatasetContents contents, SpaceFolder folder, RowLocations locations)
            throws IOException {
        int[] missing = locations.missing();
        LOG.debug("features of {} of {} different images are not in the cache", missing.length, contents.size());
        if (missing.length > 0) {
            requireSpace(missing.length);
            compute(contents, missing, new RowWriter(cache, folder, maximumBytes, locations));
        }
    }

    private void requireSpace(int rows) throws IOException {
        long bytes = rows * rowBytes();
        long usable = FreeSpace.of(cache.root());
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

    private void compute(DatasetContents contents, int[] missing, RowWriter writer) throws IOException {
        recipe.trunk().prepare(batchSize);
        try (writer;
                BatchStream batches = new FeatureStream(contents.open(missing, batchSize), recipe.trunk())) {
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

    /** Features of the rows of a pass, read from the chunks of a cache. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record CachedExamples(RowLocations locations, int[] contentOfRow, List<Target> targets, long[] shape)
            implements Examples {
        @Override
        public int size() {
            return contentOfRow.length;
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            StoredBatches.Rows rows = new StoredBatches.Rows() {
                @Override
                public void copy(int row, int from, int to, ByteBuffer target) {
                    locations.read(contentOfRow[row], from, to, target);
                }

                @Override
                public void requireWhole() {
                    locations.requireWhole();
                }
            };
            return new StoredBatches(rows, targets, shape, order, batchSize);
        }

        @Override
        public void close() {
            locations.close();
        }
    }

    /** Writes features, chunk after chunk, and says where they are. */
    static final class RowWriter implements AutoCloseable {
        private final CacheFolder cache;
        private final SpaceFolder folder;
        private final long maximumBytes;
        private final RowLocations locations;
        private final int fullRows;
        private @Nullable ChunkWriter chunk;
        private int[] contents = new int[0];

        /** Starts without a chunk; the cache is kept below the maximum, as far as what is written allows. */
        RowWriter(CacheFolder cache, SpaceFolder folder, long maximumBytes, RowLocations locations) {
            this.cache = cache;
            this.folder = folder;
            this.maximumBytes = maximumBytes;
            this.locations = locations;
            this.fullRows = ChunkLayout.fullRows(folder.space().rowBytes());
        }

        /**
         * Adds rows.
         *
         * @param features as many rows as there are contents
         * @param newContents the rows' contents
         * @param digests the contents' digests
         */
        void append(ByteBuffer features, int[] newContents, byte[] digests) throws IOException {
            // else an interrupt would close the file, and all that is in the open chunk would be lost
            Interruption.shielded(() -> {
                add(features, newContents, digests);
                return contents;
            });
        }

        private void add(ByteBuffer features, int[] newContents, byte[] digests) throws IOException {
            if (chunk == null) {
                chunk = ChunkWriter.create(folder);
            }
            chunk.append(features, digests);
            contents = IntStream.concat(Arrays.stream(contents), Arrays.stream(newContents))
                    .toArray();
            if (contents.length >= fullRows) {
                finish();
            }
        }

        /** Completes the chunk that is open, if there is one. */
        void finishChunk() throws IOException {
            Interruption.shielded(() -> {
                finish();
                return contents;
            });
        }

        private void finish() throws IOException {
            if (chunk != null) {
                Chunk finished = chunk.finish();
                SpaceFolder.noteUse(finished.file());
                locations.add(finished, contents);
                chunk = null;
                contents = new int[0];
                cache.trim(maximumBytes);
            }
        }

        /** Gives up the chunk that is open, if there is one. */
        @Override
        public void close() throws IOException {
            if (chunk != null) {
                chunk.discard();
                chunk = null;
            }
        }
    }

    /**
     * Sees to it that features which several fits need at the same time are computed once: whoever misses some waits for its
     * turn, and meanwhile takes what others write.
     *
     * <p>There is one turn for each feature space, among all threads and processes, and it lasts while missing rows are
     * computed, nothing else: finding, reading, listing and deleting wait for nobody. That is coarser than a turn for each
     * image, and enough: a fit keeps all cores busy, so that two fits of one network with different images are done no
     * sooner side by side than one after the other; and who waits need not wait to the end, but goes on as soon as all that
     * it needs has been written.
     *
     * <p>Listeners and datasets are other people's code, which runs within a turn and may start further fits. So a wait is
     * never for certain: a thread that has a turn does not wait for a second one, and nobody waits for one who makes no
     * progress, be it that it is stopped, or that it waits itself for the one that waits. They compute at once, which costs
     * time and disk space and changes no result.
     */
    static final class ComputingTurn {
        /** Longer than any batch of images takes. */
        static final Duration PATIENCE = Duration.ofMinutes(5);

        private static final Logger LOG = LoggerFactory.getLogger(ComputingTurn.class);
        private static final long POLL_MILLIS = 100;

        private ComputingTurn() {}

        /**
         * Waits for the turn, or until nothing is missing any more. What was written last may not have been found yet.
         *
         * @param search of what is missing, for what others write
         * @param patience how long one is waited for that makes no progress
         * @return the turn; none where it is not needed any more, or not to be had
         * @throws java.util.concurrent.CancellationException if the thread is interrupted
         */
        static Optional<LockFile> await(SpaceFolder folder, ChunkSearch search, Duration patience) throws IOException {
            if (LockFile.isHeldByThisThread()) {
                LOG.debug("a fit within a fit computes features of {} without waiting", folder.path());
                return Optional.empty();
            }
            Optional<LockFile> lock = folder.tryLock();
            if (lock.isEmpty()) {
                LOG.info("another fit computes features in {}: waiting for it", folder.path());
            }
            Set<StoredFile> parts = Set.of();
            long changed = System.nanoTime();
            while (lock.isEmpty() && search.isMissingSome()) {
                Set<StoredFile> now = Set.copyOf(StoredFile.in(folder.path(), SpaceFolder::isPart));
                if (!now.equals(parts)) {
                    parts = now;
                    changed = System.nanoTime();
                } else if (System.nanoTime() - changed > patience.toNanos()) {
                    LOG.warn(
                            "the fit that computes features in {} makes no progress: not waiting for it",
                            folder.path());
                    return lock;
                }
                pause();
                search.run();
                lock = folder.tryLock();
            }
            return lock;
        }

        private static void pause() {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw Interruption.whileWaiting("features that another fit computes", e);
            }
        }
    }
}
