package org.transfer4j.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Work needs more memory outside of the Java heap than the process may take. The limit is the system property
 * {@code transfer4j.memory}, in bytes or with {@code k}, {@code m} or {@code g} behind, given when the JVM starts:
 * {@code -Dtransfer4j.memory=4g}. Without it the limit is the heap's own ({@code -Xmx}), or less where the machine or the
 * container has less beside the heap.
 *
 * <p>It comes before the memory is taken: nothing is lost but the call.
 */
public final class MemoryLimitException extends TransferException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param file the file that wants so much, or null where there is none
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public MemoryLimitException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file, reason, cause);
    }
}
