package org.transfer4j.internal.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a file that is mapped into memory: a third less work than to read them. A mapping has at most 2 GiB, so there
 * are several, each of whole rows.
 */
final class MappedRows implements RowFile {
    private static final int LARGEST_PART = 1 << 30;

    private final List<MappedByteBuffer> parts = new ArrayList<>();
    private final int rowBytes;
    private final int rowsPerPart;
    private volatile boolean closed;

    private MappedRows(int rowBytes, int largestPart) {
        this.rowBytes = rowBytes;
        this.rowsPerPart = Math.max(1, largestPart / rowBytes);
    }

    /**
     * Maps a file.
     *
     * @param channel stays the caller's
     * @param rows how many the file has
     * @throws UnsupportedOperationException if its file system can't
     */
    static MappedRows of(FileChannel channel, int rows, int rowBytes) throws IOException {
        return of(channel, rows, rowBytes, LARGEST_PART);
    }

    static MappedRows of(FileChannel channel, int rows, int rowBytes, int largestPart) throws IOException {
        MappedRows mapped = new MappedRows(rowBytes, largestPart);
        for (int row = 0; row < rows; row += mapped.rowsPerPart) {
            long bytes = (long) Math.min(mapped.rowsPerPart, rows - row) * rowBytes;
            mapped.parts.add(channel.map(FileChannel.MapMode.READ_ONLY, (long) row * rowBytes, bytes));
        }
        return mapped;
    }

    @Override
    public void copy(int row, int from, int to, ByteBuffer target) {
        if (closed) {
            throw new IllegalStateException("the features are closed");
        }
        int start = target.position();
        int bytes = (to - from) * Float.BYTES;
        int first = row % rowsPerPart * rowBytes + from * Float.BYTES;
        try {
            target.put(start, parts.get(row / rowsPerPart), first, bytes);
        } catch (InternalError e) {
            // what a disk error becomes in mapped memory
            throw new UncheckedIOException("can't read features", new IOException("row " + row + ": " + e, e));
        }
        target.position(start + bytes);
    }

    /** The mapping goes when it is collected; from now on nothing is read from it. */
    void close() {
        closed = true;
    }
}
