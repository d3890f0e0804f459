package org.transfer4j.internal.download;

import java.io.IOException;

/** No connection to the server: this machine is offline, or the address is wrong. Not tried again. */
final class Unreachable extends IOException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message, Throwable cause) {
        super(message, cause);
    }
}
