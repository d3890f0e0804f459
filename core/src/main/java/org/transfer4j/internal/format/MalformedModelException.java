package org.transfer4j.internal.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.format.dl4j.TopologyReader;
import org.transfer4j.internal.format.modelfile.ModelArchive;

/**
 * The bytes of a file break a rule of its format. No user sees it: {@link ModelArchive}, {@link TopologyReader} and the
 * readers of weights add the file's name and make an exception of {@link org.transfer4j.error} of it.
 */
public final class MalformedModelException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The rule that was broken; kept apart from {@link #getMessage()} because that one may be null for the compiler. */
    private final String reason;

    /**
     * Creates the exception.
     *
     * @param reason the rule and the value received, without the file's name
     */
    public MalformedModelException(String reason) {
        this(reason, null);
    }

    /**
     * Creates the exception.
     *
     * @param reason the rule and the value received, without the file's name
     * @param cause what was caught, or null
     */
    public MalformedModelException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    /**
     * What is wrong.
     *
     * @return the rule and the value received
     */
    public String reason() {
        return reason;
    }
}
