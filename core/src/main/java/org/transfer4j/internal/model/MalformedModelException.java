package org.transfer4j.internal.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a model file break a rule of the format. It never leaves this package: {@link ModelArchive} and
 * {@link TopologyReader} add the file's name and make a {@link org.transfer4j.error.ModelFileException} of it.
 */
final class MalformedModelException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The rule that was broken; kept apart from {@link #getMessage()} because that one may be null for the compiler. */
    private final String reason;

    MalformedModelException(String reason) {
        this(reason, null);
    }

    MalformedModelException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
