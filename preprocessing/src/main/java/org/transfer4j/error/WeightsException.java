package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A weights file can't be used: truncated, of an unknown format, or of another network. */
public final class WeightsException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     */
    public WeightsException(@Nullable Path file, String reason) {
        super(file, reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public WeightsException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
