package org.transfer4j.internal.feature;

import java.util.Iterator;

/** Batches one after the other. */
public interface BatchStream extends Iterator<Batch>, AutoCloseable {
    /** Stops what works in the background. */
    @Override
    void close();
}
