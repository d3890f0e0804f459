package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;

/** Rows of equal length, stored one by one. */
public interface RowFile {
    /**
     * Puts some of a row's values where the buffer's position is, and moves the position behind them; safe from several
     * threads, for each its own buffer.
     *
     * @param from the first value
     * @param to the one after the last
     */
    void copy(int row, int from, int to, ByteBuffer target);
}
