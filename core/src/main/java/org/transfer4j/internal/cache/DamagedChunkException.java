package org.transfer4j.internal.cache;

import java.io.IOException;

/** A file of the cache does not hold what was once written to it. */
final class DamagedChunkException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedChunkException(String reason) {
        super(reason);
    }
}
