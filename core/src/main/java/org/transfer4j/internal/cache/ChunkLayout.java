package org.transfer4j.internal.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The layout of a chunk, a file of some features that is written once from start to end; numbers are little-endian:
 *
 * <pre>
 * header   8 bytes "T4JFEAT1", int bytes of a row, 32 bytes digest of the feature space
 * rows     each the float32 features of one image
 * index    for each row the 32 bytes of its image's digest
 * trailer  int number of rows, int CRC-32C of the rows, int CRC-32C of all the rest before this field
 * </pre>
 */
final class ChunkLayout {
    static final int HEADER_BYTES = Long.BYTES + Integer.BYTES + Sha256.BYTES;
    static final int TRAILER_BYTES = 3 * Integer.BYTES;

    private static final int FULL_BYTES = 64 << 20;
    private static final int FULL_ROWS = 2048;

    private static final byte[] MAGIC = {'T', '4', 'J', 'F', 'E', 'A', 'T', '1'};

    private ChunkLayout() {}

    static ByteBuffer header(FeatureSpace space) {
        return allocate(HEADER_BYTES)
                .put(MAGIC)
                .putInt(space.rowBytes())
                .put(space.digest())
                .flip();
    }

    static ByteBuffer trailer(FeatureSpace space, byte[] index, int rowsChecksum) {
        ByteBuffer trailer =
                allocate(TRAILER_BYTES).putInt(index.length / Sha256.BYTES).putInt(rowsChecksum);
        CRC32C rest = new CRC32C();
        rest.update(header(space));
        rest.update(index);
        rest.update(trailer.duplicate().flip());
        return trailer.putInt((int) rest.getValue()).flip();
    }

    /** The CRC-32C of the rows that a trailer names. */
    static int rowsChecksum(ByteBuffer trailer) {
        return trailer.getInt(Integer.BYTES);
    }

    /** The bytes of a row that a header names, or 0. */
    static int rowBytes(ByteBuffer header) {
        return header.limit() == HEADER_BYTES ? Math.max(0, header.getInt(MAGIC.length)) : 0;
    }

    /** The bytes of a whole chunk. */
    static long size(int rowBytes, long rows) {
        return HEADER_BYTES + rows * ((long) rowBytes + Sha256.BYTES) + TRAILER_BYTES;
    }

    /** How many rows a file of that size holds, or -1 if it can't be a whole chunk. */
    static int rows(int rowBytes, long size) {
        long body = size - HEADER_BYTES - TRAILER_BYTES;
        long rows = body / ((long) rowBytes + Sha256.BYTES);
        return rows >= 1 && rows <= Integer.MAX_VALUE / Sha256.BYTES && size == size(rowBytes, rows) ? (int) rows : -1;
    }

    /**
     * How many rows a full chunk holds: few enough that little is lost with a process that is killed, and enough that there
     * are few chunks.
     */
    static int fullRows(int rowBytes) {
        return Math.max(1, Math.min(FULL_ROWS, FULL_BYTES / rowBytes));
    }

    static long rowPosition(int rowBytes, int row) {
        return HEADER_BYTES + (long) row * rowBytes;
    }

    static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
