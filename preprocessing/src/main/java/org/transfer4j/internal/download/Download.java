package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;

/**
 * The download of one file: some attempts with growing pauses, each taking up where the last stopped, then the
 * verification. The caller holds the lock.
 */
final class Download {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);
    private static final int ATTEMPTS = 5;

    private final DownloadSettings settings;
    private final CacheEntry entry;
    private final Duration firstPause;
    private final Transfer transfer;

    Download(DownloadSettings settings, CacheEntry entry, Duration firstPause) {
        this.settings = settings;
        this.entry = entry;
        this.firstPause = firstPause;
        this.transfer = new Transfer(settings, entry);
    }

    /** Leaves the verified file in its place, or throws. */
    void run() throws InterruptedException {
        RemoteFile remote = entry.remote();
        LOG.info("{}: {}", remote.fileName(), remote.licence());
        settings.progress().started(remote.name(), remote.size());
        try {
            tryAddresses();
        } catch (Unreachable | Refused e) {
            throw new Remedy(entry, settings).unavailable(String.valueOf(e.getMessage()), e);
        } finally {
            settings.progress().finished(remote.name());
        }
    }

    private void tryAddresses() throws Unreachable, Refused, InterruptedException {
        Iterator<URI> addresses = addresses().iterator();
        URI address = addresses.next();
        while (true) {
            try {
                tryOften(address);
                return;
            } catch (Refused e) {
                if (!e.missing() || !addresses.hasNext()) {
                    throw e;
                }
                LOG.info("{}", e.getMessage());
                address = addresses.next();
            }
        }
    }

    private List<URI> addresses() {
        RemoteFile remote = entry.remote();
        Optional<URI> mirror = settings.mirror();
        if (mirror.isEmpty()) {
            return List.of(remote.source());
        }
        String base = mirror.get() + (mirror.get().toString().endsWith("/") ? "" : "/");
        return List.of(URI.create(base + remote.name()), URI.create(base + remote.fileName()));
    }

    private void tryOften(URI address) throws Unreachable, Refused, InterruptedException {
        Duration pause = firstPause;
        for (int attempt = 1; ; attempt++) {
            try {
                if (completed(address)) {
                    return;
                }
            } catch (Unreachable | Refused e) {
                throw e;
            } catch (IOException e) {
                String reason = address + ": " + e.getMessage();
                LOG.warn("attempt {} of {} failed: {}", attempt, ATTEMPTS, reason);
                if (attempt == ATTEMPTS) {
                    throw new Remedy(entry, settings)
                            .unavailable(ATTEMPTS + " attempts failed, the last with " + reason, e);
                }
            }
            Thread.sleep(pause.toMillis());
            pause = pause.multipliedBy(2);
        }
    }

    /** Returns false where the bytes of an earlier attempt made the file wrong: they are gone, and one starts over. */
    private boolean completed(URI address) throws IOException, InterruptedException {
        boolean resumed = transfer.run(address);
        try {
            FileHashes hashes = FileHashes.of(entry.part(), entry.remote());
            Optional<String> flaw = hashes.flaw(entry.remote());
            if (flaw.isEmpty()) {
                entry.publish(hashes);
                return true;
            }
            entry.deletePart();
            if (resumed) {
                LOG.warn("{} does not go on from what was there, starting over: {}", address, flaw.get());
                return false;
            }
            throw new DownloadException(
                    entry.file(), "what " + address + " sent is another file and was deleted: " + flaw.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
