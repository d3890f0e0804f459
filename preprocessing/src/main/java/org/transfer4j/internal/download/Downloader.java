package org.transfer4j.internal.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.DownloadProgress;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.download.CacheFolder.CacheEntry;
import org.transfer4j.internal.download.CacheFolder.CacheEntry.FileHashes;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.listener.ListenerGuard;

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

    /**
     * The download of one file: some attempts with growing pauses, each taking up where the last stopped, then the
     * verification. The caller holds the lock.
     */
    static final class Download {
        private static final int ATTEMPTS = 5;

        private final DownloadSettings settings;
        private final CacheEntry entry;
        private final Duration firstPause;
        private final Transfer transfer;
        private final ListenerGuard<DownloadProgress> progress;

        Download(DownloadSettings settings, CacheEntry entry, Duration firstPause) {
            this.settings = settings;
            this.entry = entry;
            this.firstPause = firstPause;
            this.progress = new ListenerGuard<>(settings.progress());
            this.transfer = new Transfer(settings, entry, progress);
        }

        /** Leaves the verified file in its place, or throws. */
        void run() throws InterruptedException {
            RemoteFile remote = entry.remote();
            LOG.info("{}: {}", remote.fileName(), remote.licence());
            progress.tell(listener -> listener.started(remote.name(), remote.size()));
            try {
                tryPlaces();
            } finally {
                progress.tell(listener -> listener.finished(remote.name()));
            }
        }

        /** The places that may have the file, each with the addresses at which it may be there. */
        private List<List<URI>> places() {
            RemoteFile remote = entry.remote();
            if (settings.mirrors().isEmpty()) {
                return List.of(List.of(remote.source()));
            }
            return settings.mirrors().stream()
                    .map(mirror -> mirror + (mirror.toString().endsWith("/") ? "" : "/"))
                    .map(base -> List.of(URI.create(base + remote.name()), URI.create(base + remote.fileName())))
                    .toList();
        }

        /** One place after the other, until one has the file. */
        private void tryPlaces() throws InterruptedException {
            List<List<URI>> places = places();
            List<String> failures = new ArrayList<>();
            for (List<URI> place : places) {
                try {
                    tryAddresses(place);
                    return;
                } catch (Client.GivenUp | DownloadException e) {
                    if (places.size() == 1 && e instanceof DownloadException wrongFile) {
                        throw wrongFile;
                    }
                    failures.add(failure(places.size(), place, e));
                    if (failures.size() == places.size()) {
                        throw unavailable(entry, settings, String.join("; ", failures), e);
                    }
                }
                LOG.warn("{}; the next mirror is asked", failures.get(failures.size() - 1));
            }
        }

        private static String failure(int places, List<URI> place, Exception thrown) {
            String reason = thrown instanceof DownloadException wrongFile
                    ? wrongFile.reason()
                    : String.valueOf(thrown.getMessage());
            return places == 1 ? reason : place.get(0) + ": " + reason;
        }

        private void tryAddresses(List<URI> place) throws Client.GivenUp, InterruptedException {
            for (int i = 0; ; i++) {
                try {
                    tryOften(place.get(i));
                    return;
                } catch (Client.GivenUp e) {
                    if (!e.missing() || i == place.size() - 1) {
                        throw e;
                    }
                    LOG.info("{}", e.getMessage());
                }
            }
        }

        private void tryOften(URI address) throws Client.GivenUp, InterruptedException {
            Duration pause = firstPause;
            for (int attempt = 1; ; attempt++) {
                try {
                    complete(address);
                    return;
                } catch (Client.GivenUp e) {
                    throw e;
                } catch (IOException e) {
                    String reason = address + ": " + e.getMessage();
                    LOG.warn("attempt {} of {} failed: {}", attempt, ATTEMPTS, reason);
                    if (attempt == ATTEMPTS) {
                        throw new Client.GivenUp(ATTEMPTS + " attempts failed, the last with " + reason, e, false);
                    }
                }
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2);
            }
        }

        /**
         * Brings the file and publishes it.
         *
         * @throws IOException if the network or the server fails, or where the bytes of an earlier attempt made the file wrong: they are
         *     gone, and the next attempt starts over
         */
        private void complete(URI address) throws IOException, InterruptedException {
            boolean resumed = transfer.run(address);
            Optional<String> flaw = published();
            if (flaw.isEmpty()) {
                return;
            }
            if (resumed) {
                throw new IOException(
                        "what it sends does not go on from what was there, which was deleted: " + flaw.get());
            }
            throw new DownloadException(
                    entry.file(), "what " + address + " sent is another file and was deleted: " + flaw.get());
        }

        /** Brings the part into its place; where it is another file, it is deleted, and what is wrong with it is said. */
        private Optional<String> published() {
            try {
                FileHashes hashes = FileHashes.of(entry.part(), entry.remote());
                Optional<String> flaw = hashes.flaw(entry.remote());
                if (flaw.isEmpty()) {
                    entry.publish(hashes);
                } else {
                    entry.deletePart();
                }
                return flaw;
            } catch (IOException e) {
                throw FileFailure.of("can't keep the download " + entry.file(), e);
            }
        }

        /** The error for a file that is not to be had: what to download, from where, where to put it, how to name a mirror. */
        static DownloadException unavailable(
                CacheEntry entry, DownloadSettings settings, String cause, @Nullable Throwable thrown) {
            RemoteFile remote = entry.remote();
            String size = remote.size() < 0 ? "" : String.format(Locale.ROOT, "%,d bytes, ", remote.size());
            String advice = entry.flaw()
                    .map(flaw -> "in the cache, but damaged (" + flaw + "), and not to be had anew: " + cause
                            + ". Delete it and " + entry.hash() + ", and either")
                    .orElse("not in the cache and not to be had: " + cause + ". Either");
            return new DownloadException(
                    entry.file(),
                    advice + " download " + remote.source() + " ("
                            + size
                            + remote.checksum() + ") by other means and put it at " + entry.file()
                            + ", or name a mirror that holds " + remote.name() + ", with -D"
                            + DownloadSettings.MIRROR_PROPERTY + "=<address> or DownloadSettings.withMirror"
                            + (settings.mirrors().isEmpty()
                                    ? ""
                                    : settings.mirrors().stream()
                                            .map(URI::toString)
                                            .collect(Collectors.joining(", ", " (now ", ")"))),
                    thrown);
        }
    }
}
