package org.transfer4j.internal.download;

import java.io.IOException;

/** The server's answer is final: asking again would not help. */
final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    /** The status of HTTP. */
    private final int status;

    Refused(int status, String message) {
        super(message);
        this.status = status;
    }

    /** Whether the server says that it has no such file, or, as object stores do, none that it would show. */
    boolean missing() {
        return status == 403 || status == 404 || status == 410;
    }
}
