package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;

/** Reads stored features row by row. */
public interface RowReader {
    /**
     * Puts one row where the buffer's position is, and moves the position behind it. Safe from several threads, for each
     * its own buffer.
     */
    void read(int row, ByteBuffer target);
}
