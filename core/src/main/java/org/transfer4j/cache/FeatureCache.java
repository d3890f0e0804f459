package org.transfer4j.cache;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.transfer4j.internal.cache.CacheFolder;

/**
 * A folder in which fits find the features that earlier fits have computed:
 *
 * <pre>{@code
 * FeatureCache cache = FeatureCache.in(Path.of("features"));
 * learner.featureCache(cache).head(10).fit(data);                                  // computes
 * learner.featureCache(cache).head(Head.flatten().dense(256).classes(10)).fit(data);  // only reads
 * }</pre>
 *
 * <p><b>What is found again.</b> Features are kept by a SHA-256 digest of everything that decides about them: the frozen
 * layers and their weights, the preprocessing, the size to which images are resized, the engine with its precision, and the
 * library's version; and under it by a digest of each image's content
 * ({@link org.transfer4j.dataset.ImageDataset#contentDigest}). So a change of any of these is never answered with old
 * features, and what decides nothing may change freely: head, optimizer, epochs and batch size, names and order of the
 * images, their labels. Images that were added cost only themselves. Each fit reads all images once to know them, without
 * decoding them; a {@link org.nd4j.linalg.dataset.api.iterator.DataSetIterator}, which can be read but once, is not cached.
 *
 * <p><b>Disk.</b> Features take images x values x 4 bytes (60,000 images through VGG16: 123 MB behind global average
 * pooling, 6 GB flattened at 224x224), in files of up to 64 MB with checksums. When they exceed the maximum, the files that
 * were not used for longest are deleted. A fit is not disturbed by that: it keeps what it uses open; so its own features
 * take their place on disk until it ends and its memory is collected, whatever the maximum.
 *
 * <p><b>Several at once.</b> Any number of threads and processes may use a folder at once. Those that miss features of the
 * same network, preprocessing, image size and engine take turns: one computes, the others wait, say so in the log (at
 * INFO), read what it writes, and then compute what is still missing. The turn is a lock on a file in the features'
 * sub-folder, held while missing features are computed, by nothing else; it ends with its process. A
 * thread that is interrupted while it waits ends its fit. Nobody waits in a fit that a listener or a dataset of another fit
 * runs in the same thread, nor longer than 5 minutes for one that makes no progress, nor for another process on a file
 * system that has no locks: then both compute, with the same result.
 *
 * <p><b>Safety.</b> A file becomes visible when it is complete, so that a process that is killed leaves a valid cache,
 * without the last few images. The checksum of a file is verified before its features are used, once a process, and again
 * when its size or its modification time is not what this process has left (others that use it change the latter); a file
 * that the process itself has written counts as verified. Damaged files are reported in the log, deleted, and computed
 * again. Other files in the folder are left alone. The features of images may tell much about them: protect the folder as
 * you protect the images.
 *
 * <p>Immutable. Nothing is read or written before a method is called.
 */
public final class FeatureCache {
    /** 20 GB. */
    private static final long DEFAULT_MAXIMUM = 20_000_000_000L;

    private final Path folder;
    private final long maximumBytes;

    private FeatureCache(Path folder, long maximumBytes) {
        this.folder = folder;
        this.maximumBytes = maximumBytes;
    }

    /**
     * Names the folder. At most 20 GB are kept in it.
     *
     * @param folder made at the first fit where it does not exist
     * @return the cache
     */
    public static FeatureCache in(Path folder) {
        Objects.requireNonNull(folder, "folder");
        return new FeatureCache(folder.toAbsolutePath(), DEFAULT_MAXIMUM);
    }

    /**
     * Limits the size.
     *
     * @param bytes 1 or more; default 20,000,000,000
     * @return a new cache
     * @throws IllegalArgumentException if it is below 1
     */
    public FeatureCache maximumBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maximumBytes must be 1 or more, got " + bytes);
        }
        return new FeatureCache(folder, bytes);
    }

    /**
     * The folder.
     *
     * @return an absolute path, which need not exist yet
     */
    public Path folder() {
        return folder;
    }

    /**
     * The limit.
     *
     * @return bytes, 1 or more
     */
    public long maximumBytes() {
        return maximumBytes;
    }

    /**
     * What is kept, without a check whether it is sound.
     *
     * @return what was used last first; empty where there is no folder
     * @throws UncheckedIOException if the folder can't be read
     */
    public List<CachedFeatures> list() {
        return new CacheFolder(folder)
                .spaces().stream()
                        .map(space -> new CachedFeatures(
                                space.digest(), space.description(), space.rows(), space.bytes(), space.lastUsed()))
                        .toList();
    }

    /**
     * The size of all that is kept.
     *
     * @return bytes, 0 where there is no folder
     * @throws UncheckedIOException if the folder can't be read
     */
    public long size() {
        return new CacheFolder(folder).bytes();
    }

    /**
     * Deletes all that is kept. The folder stays, and so do files that are not the cache's own. Fits that are running go on.
     *
     * @throws UncheckedIOException if something can't be deleted
     */
    public void clear() {
        new CacheFolder(folder).clear();
    }

    /**
     * A description for logs.
     *
     * @return the folder and the limit
     */
    @Override
    public String toString() {
        return "feature cache " + folder + " of at most " + maximumBytes + " bytes";
    }
}
