package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A model file can't be used: damaged, not a Transfer4J model, or written by a newer version. */
public final class ModelFileException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     */
    public ModelFileException(@Nullable Path file, String reason) {
        super(file, reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public ModelFileException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
