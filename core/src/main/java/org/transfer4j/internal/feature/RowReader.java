package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;

/** Reads features row by row. */
interface RowReader {
    /**
     * Reads one row.
     *
     * @param row the row's number
     * @param target has as much room as a row needs
     * @return the row's class
     */
    int read(int row, ByteBuffer target);
}
