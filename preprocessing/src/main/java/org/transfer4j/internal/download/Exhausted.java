package org.transfer4j.internal.download;

import java.io.IOException;

/** A server has failed as often as it may. */
final class Exhausted extends IOException {
    private static final long serialVersionUID = 1L;

    Exhausted(String message, Throwable cause) {
        super(message, cause);
    }
}
