package org.transfer4j.internal.cache;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open file of features. It can be read for as long as it is open, also after somebody has deleted it.
 */
final class Chunk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Chunk.class);
    private static final int PIECE = 1 << 20;
    private static final boolean MAPPED_FILES_CAN_BE_DELETED =
            !System.getProperty("os.name").startsWith("Windows");

    private final FeatureSpace space;
    private final Path file;
    private final FileChannel channel;
    private final int rows;
    private volatile @Nullable ByteBuffer mapped;

    Chunk(FeatureSpace space, Path file, FileChannel channel, int rows) {
        this.space = space;
        this.file = file;
        this.channel = channel;
        this.rows = rows;
    }

    /** Opens a file of the size that a chunk may have; nothing more is known about it. */
    static Chunk open(FeatureSpace space, Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            int rows = ChunkLayout.rows(space.rowBytes(), channel.size());
            if (rows < 0) {
                throw new Damaged(
                        "its " + channel.size() + " bytes are not those of whole rows of " + space.rowBytes());
            }
            return new Chunk(space, file, channel, rows);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The rows that a file says it holds, 0 if it says nothing sensible; for lists, nothing is verified. */
    static int countRows(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = ChunkLayout.allocate(ChunkLayout.HEADER_BYTES);
            channel.read(header, 0);
            return Math.max(0, ChunkLayout.rows(ChunkLayout.rowBytes(header.flip()), channel.size()));
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    Path file() {
        return file;
    }

    /** Reads and checks all but the rows: the digests of the rows' images, one after the other. */
    byte[] index() throws IOException {
        ByteBuffer header = read(0, ChunkLayout.HEADER_BYTES);
        byte[] index = new byte[rows * Sha256.BYTES];
        fill(ByteBuffer.wrap(index), ChunkLayout.rowPosition(space.rowBytes(), rows));
        ByteBuffer trailer = trailer();
        if (!header.equals(ChunkLayout.header(space))
                || !trailer.equals(ChunkLayout.trailer(space, index, ChunkLayout.rowsChecksum(trailer)))) {
            throw new Damaged("its header, index or trailer is damaged");
        }
        return index;
    }

    /** Reads and checks all rows. */
    void verifyRows() throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        long end = ChunkLayout.rowPosition(space.rowBytes(), rows);
        for (long position = ChunkLayout.HEADER_BYTES; position < end; position += piece.limit()) {
            piece.clear().limit((int) Math.min(PIECE, end - position));
            fill(piece, position);
            checksum.update(piece.flip());
        }
        if ((int) checksum.getValue() != ChunkLayout.rowsChecksum(trailer())) {
            throw new Damaged("the checksum of its rows is wrong");
        }
    }

    /**
     * Maps the rows into memory, where the system can, and closes the file: no interruption of a reading thread can close
     * it then, and thousands of chunks need no file handles. Afterwards only rows can be read.
     */
    void map() throws IOException {
        long bytes = (long) rows * space.rowBytes();
        if (MAPPED_FILES_CAN_BE_DELETED && bytes <= Integer.MAX_VALUE) {
            try {
                mapped = channel.map(FileChannel.MapMode.READ_ONLY, ChunkLayout.HEADER_BYTES, bytes);
                channel.close();
            } catch (UnsupportedOperationException e) {
                LOG.debug("{} can't be mapped into memory and is read from the file", file);
            }
        }
    }

    /** Puts a row's values [from, to) where the buffer's position is; safe from several threads, for each its own buffer. */
    void readRow(int row, int from, int to, ByteBuffer target) throws IOException {
        ByteBuffer memory = mapped;
        int first = from * Float.BYTES;
        int bytes = (to - from) * Float.BYTES;
        if (memory != null) {
            copy(memory, row, first, target.slice(target.position(), bytes));
        } else {
            fill(target.slice(target.position(), bytes), ChunkLayout.rowPosition(space.rowBytes(), row) + first);
        }
        target.position(target.position() + bytes);
    }

    private void copy(ByteBuffer memory, int row, int first, ByteBuffer target) throws IOException {
        try {
            target.put(0, memory, row * space.rowBytes() + first, target.remaining());
        } catch (InternalError e) {
            // what a disk error, or a file that somebody cut short, becomes in mapped memory
            throw new IOException("row " + row + ": " + e, e);
        }
    }

    private ByteBuffer trailer() throws IOException {
        return read(ChunkLayout.size(space.rowBytes(), rows) - ChunkLayout.TRAILER_BYTES, ChunkLayout.TRAILER_BYTES);
    }

    private ByteBuffer read(long position, int bytes) throws IOException {
        ByteBuffer target = ChunkLayout.allocate(bytes);
        fill(target, position);
        return target.flip();
    }

    private void fill(ByteBuffer target, long start) throws IOException {
        long position = start;
        while (target.hasRemaining()) {
            int count = channel.read(target, position);
            if (count < 0) {
                throw new EOFException(file + " ends at " + position);
            }
            position += count;
        }
    }

    @Override
    public void close() throws IOException {
        mapped = null; // the mapping itself goes when it is collected
        channel.close();
    }

    /** A file of the cache does not hold what was once written to it. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String reason) {
            super(reason);
        }
    }
}
