package org.transfer4j.internal.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.transfer4j.internal.file.FileFailure;

/** Rows that are read from the file each time. */
record PositionalRows(FileChannel channel, int rowBytes) implements RowFile {
    @Override
    public void copy(int row, int from, int to, ByteBuffer target) {
        long position = (long) row * rowBytes + (long) from * Float.BYTES;
        ByteBuffer room = target.slice(target.position(), (to - from) * Float.BYTES);
        try {
            while (room.hasRemaining()) {
                int read = channel.read(room, position);
                if (read < 0) {
                    throw new IOException("the file ends at " + position + ", row " + row + " is missing");
                }
                position += read;
            }
        } catch (IOException e) {
            throw FileFailure.of("can't read row " + row + " of the features", e);
        }
        target.position(target.position() + room.capacity());
    }
}
