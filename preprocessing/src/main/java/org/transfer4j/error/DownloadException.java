package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that the library fetches is neither in the cache nor to be had: offline, not found, or with a wrong size or checksum. */
public final class DownloadException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     */
    public DownloadException(@Nullable Path file, String reason) {
        super(file, reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public DownloadException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
