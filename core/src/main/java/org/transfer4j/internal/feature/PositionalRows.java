package org.transfer4j.internal.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Rows that are read from the file each time. */
record PositionalRows(FileChannel channel, int rowBytes) implements RowFile {
    @Override
    public void copy(int row, ByteBuffer target) {
        long position = (long) row * rowBytes;
        target.limit(target.position() + rowBytes);
        try {
            while (target.hasRemaining()) {
                int read = channel.read(target, position);
                if (read < 0) {
                    throw new IOException("the file ends at " + position + ", row " + row + " is missing");
                }
                position += read;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't read row " + row + " of the features", e);
        }
    }
}
