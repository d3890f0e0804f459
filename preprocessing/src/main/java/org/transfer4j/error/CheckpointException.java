package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A checkpoint can't be gone on from: damaged, of another training, or written by another version. */
public final class CheckpointException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     */
    public CheckpointException(@Nullable Path file, String reason) {
        super(file, reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public CheckpointException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
