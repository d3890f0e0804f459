package org.transfer4j.internal.download;

import java.net.URI;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;

/** The error for a file that is not to be had: what to download, from where, where to put it, how to name a mirror. */
record Remedy(CacheEntry entry, DownloadSettings settings) {
    static final String OFFLINE = "the network is forbidden (-D" + DownloadSettings.OFFLINE_PROPERTY
            + "=true or DownloadSettings.withOffline)";

    DownloadException unavailable(String cause, @Nullable Throwable thrown) {
        RemoteFile remote = entry.remote();
        String size = remote.size() < 0 ? "" : String.format(Locale.ROOT, "%,d bytes, ", remote.size());
        return new DownloadException(
                entry.file(),
                "not in the cache and not to be had: " + cause + ". Either download " + remote.source() + " (" + size
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
