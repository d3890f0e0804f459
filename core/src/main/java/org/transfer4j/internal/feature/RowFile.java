package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;

/** Rows of equal length, stored one by one. */
public interface RowFile {
    /**
     * Puts a row where the buffer's position is, and moves the position behind it; safe from several threads, for each
     * its own buffer.
     */
    void copy(int row, ByteBuffer target);
}
