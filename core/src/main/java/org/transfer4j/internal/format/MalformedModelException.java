package org.transfer4j.internal.format;

import java.io.IOException;
import org.transfer4j.internal.format.modelfile.ModelArchive;

/**
 * The bytes of a file break a rule of its format. No user sees it: {@link ModelArchive}, {@code Dl4jJson} and the
 * readers of weights add the file's name and make an exception of {@link org.transfer4j.error} of it.
 */
public final class MalformedModelException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says which rule was broken, and by which value, without the file's name. */
    public MalformedModelException(String reason) {
        super(reason);
    }

    /** The same with what was caught. */
    public MalformedModelException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** The rule and the value received. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
