package org.transfer4j;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.transfer4j.download.CachedFile;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.internal.download.CacheFolder;

/**
 * The pretrained weights that were fetched into the cache folder: what is there, whether it is whole, and how to get rid
 * of it. What is deleted is fetched again when it is needed.
 *
 * <pre>{@code
 * WeightsCache cache = WeightsCache.of(DownloadSettings.defaults());
 * cache.verify().forEach(System.out::println);
 * cache.prune(Duration.ofDays(90));
 * }</pre>
 */
public final class WeightsCache {
    private static final String FOLDER = "weights";

    private final CacheFolder folder;

    private WeightsCache(CacheFolder folder) {
        this.folder = folder;
    }

    /**
     * The weights in the cache folder of download settings.
     *
     * @param settings where the cache folder is
     * @return the cache; nothing is read yet
     */
    public static WeightsCache of(DownloadSettings settings) {
        return new WeightsCache(new CacheFolder(settings.cacheFolder(), FOLDER));
    }

    /**
     * Lists the files without reading them.
     *
     * @return the files by name, unfinished ones too; empty where nothing was fetched yet
     * @throws java.io.UncheckedIOException if the folder can't be read
     */
    public List<CachedFile> list() {
        return folder.list(false);
    }

    /**
     * Lists the files and compares their bytes with the SHA-256 that was recorded when each was first verified against its
     * publisher's checksum. Nothing is changed. Takes about 0.3 seconds for 100 MB.
     *
     * @return the files by name, {@link CachedFile.State#VERIFIED} or {@link CachedFile.State#DAMAGED} where a hash is
     *     recorded
     * @throws java.io.UncheckedIOException if a file can't be read
     */
    public List<CachedFile> verify() {
        return folder.list(true);
    }

    /**
     * Deletes all files, but those that are being downloaded now, in this process or another, and those that somebody put
     * there and that were never used ({@link CachedFile.State#UNRECORDED}). Empty files {@code .lock} stay.
     *
     * @return what was deleted, by name
     * @throws java.io.UncheckedIOException if a file can't be deleted
     */
    public List<CachedFile> prune() {
        return folder.prune(Instant.MAX);
    }

    /**
     * Deletes the files that were fetched longer ago, and unfinished downloads that have not gone on since, but none that
     * is being downloaded now, in this process or another, and none that somebody put there and that was never used.
     *
     * @param olderThan how old a file must be, zero or more
     * @return what was deleted, by name
     * @throws IllegalArgumentException if the time is negative
     * @throws java.io.UncheckedIOException if a file can't be deleted
     */
    public List<CachedFile> prune(Duration olderThan) {
        if (olderThan.isNegative()) {
            throw new IllegalArgumentException("an age is zero or more, but was " + olderThan);
        }
        return folder.prune(Instant.now().minus(olderThan));
    }
}
