package org.transfer4j.internal.download;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Fetches files into the cache folder. Safe for several threads and several processes at once: one downloads, the others
 * wait and use what it fetched.
 */
public final class Downloader {
    private static final Logger LOG = LoggerFactory.getLogger(Downloader.class);
    private static final long POLL_MILLIS = 50;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final String OFFLINE = "the network is forbidden (-D" + DownloadSettings.OFFLINE_PROPERTY
            + "=true or DownloadSettings.withOffline)";

    private final DownloadSettings settings;
    private final Duration firstPause;

    /**
     * Creates a downloader; nothing is written or asked yet.
     *
     * @param settings the cache folder, the mirror, the timeouts, the progress listener
     */
    public Downloader(DownloadSettings settings) {
        this(settings, FIRST_PAUSE);
    }

    Downloader(DownloadSettings settings, Duration firstPause) {
        this.settings = settings;
        this.firstPause = firstPause;
    }

    /**
     * Gives a file, from the cache where it is there and intact, else from the network.
     *
     * @param file what to fetch
     * @return the verified file in the cache folder
     * @throws DownloadException if it is neither in the cache nor to be had
     * @throws java.io.UncheckedIOException if the cache folder can't be written or is full
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     */
    public Path fetch(RemoteFile file) {
        CacheEntry entry = new CacheEntry(file, settings.cacheFolder());
        boolean intact = Interruption.deferred(entry::check);
        if (intact) {
            return entry.file();
        }
        if (settings.offline()) {
            throw Download.unavailable(entry, settings, OFFLINE, null);
        }
        entry.makeFolder();
        String work = "the download of " + file.name() + ", of which what has arrived is kept,";
        return Interruption.cancellable(work, () -> {
            try {
                fetchAlone(entry);
                return entry.file();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Interruption.cancelled(work, e);
            }
        });
    }

    @SuppressWarnings("try") // the turn is held, not used
    private void fetchAlone(CacheEntry entry) throws InterruptedException {
        try (LockFile turn = turn(entry)) {
            // whoever held the lock before may have fetched it
            if (!entry.check()) {
                if (turn.excludesProcesses()) {
                    new Download(settings, entry, firstPause).run();
                } else {
                    fetchBesideOthers(entry.withOwnPart());
                }
            }
        } catch (IOException e) {
            throw FileFailure.of("can't close a lock in the cache folder", e);
        }
    }

    /** Another process may fetch it at the same time: what each has so far is its own, and nobody can go on with it. */
    private void fetchBesideOthers(CacheEntry entry) throws IOException, InterruptedException {
        try {
            new Download(settings, entry, firstPause).run();
        } finally {
            entry.deletePart();
        }
    }

    /** Polls, because a blocking lock can't be interrupted without closing the channel. */
    private static LockFile turn(CacheEntry entry) throws InterruptedException {
        try {
            Optional<LockFile> lock = LockFile.tryAcquire(entry.lock());
            if (lock.isEmpty()) {
                Optional<Thread> holder = LockFile.holder(entry.lock());
                String name = entry.remote().name();
                if (holder.equals(Optional.of(Thread.currentThread()))) {
                    throw new IllegalStateException(name + " is asked for in the middle of its own download");
                }
                LOG.info("waiting for another {} that downloads {}", holder.isPresent() ? "thread" : "process", name);
            }
            while (lock.isEmpty()) {
                Thread.sleep(POLL_MILLIS);
                lock = LockFile.tryAcquire(entry.lock());
            }
            return lock.get();
        } catch (IOException e) {
            throw entry.unwritable(e);
        }
    }
}
