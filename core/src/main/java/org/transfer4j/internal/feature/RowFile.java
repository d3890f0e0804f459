package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;

/** Rows of equal length in a file. */
sealed interface RowFile permits MappedRows, PositionalRows {
    /** Puts a row where the buffer's position is; safe from several threads, for each its own buffer. */
    void copy(int row, ByteBuffer target);
}
