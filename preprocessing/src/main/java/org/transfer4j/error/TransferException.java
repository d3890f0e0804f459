package org.transfer4j.error;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong with an input of the library: an image, a dataset, a weights file, a model file, a download. The
 * message always states the rule and what was received; {@link #file()} and {@link #reason()} give its two halves.
 *
 * <p>Misuse of the API is {@link IllegalArgumentException} or {@link IllegalStateException} instead, plain input/output
 * trouble (a full disk, a missing permission) is {@link java.io.UncheckedIOException}.
 */
public abstract class TransferException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A path is not serializable: it is gone after a round trip, and its name stays in the message. */
    private final transient @Nullable Path file;

    /** The rule and the value received. */
    private final String reason;

    /**
     * Creates the exception.
     *
     * @param file the file that is at fault, or null where there is none (an array, a stream)
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    protected TransferException(@Nullable Path file, String reason, @Nullable Throwable cause) {
        super(file == null ? reason : named(file) + ": " + reason, cause);
        this.file = file;
        this.reason = reason;
    }

    /** The empty path, which stands for the current folder, is seen by its quotes alone. */
    private static String named(Path file) {
        String name = file.toString();
        return name.isEmpty() ? "\"\"" : name;
    }

    /**
     * The file at fault.
     *
     * @return the file, empty where the input was not a file
     */
    public final Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /**
     * What is wrong, without the file's name.
     *
     * @return the rule and the value received
     */
    public final String reason() {
        return reason;
    }
}
