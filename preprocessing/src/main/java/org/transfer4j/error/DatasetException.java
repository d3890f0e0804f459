package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A dataset can't be used: a damaged IDX or CSV file, counts that differ, a class without images, labels that contradict each other. */
public final class DatasetException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     */
    public DatasetException(@Nullable Path file, String reason) {
        super(file, reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param file the file at fault, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public DatasetException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
