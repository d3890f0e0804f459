package org.transfer4j.internal.cache;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.feature.StoredBatches.RowFile;
import org.transfer4j.internal.file.MappedFile;
import org.transfer4j.internal.file.Sha256;

/**
 * An open file of features. It can be read for as long as it is open, also after somebody has deleted it.
 */
final class Chunk implements AutoCloseable {
    private static final int PIECE = 1 << 20;

    private final FeatureSpace space;
    private final Path file;
    private final FileChannel channel;
    private final int rows;
    private RowFile content;
    private @Nullable MappedFile mapped;

    Chunk(FeatureSpace space, Path file, FileChannel channel, int rows) {
        this.space = space;
        this.file = file;
        this.channel = channel;
        this.rows = rows;
        this.content = RowFile.read(channel, ChunkLayout.HEADER_BYTES, space.rowBytes());
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
        RowFile.fill(channel, ByteBuffer.wrap(index), ChunkLayout.rowPosition(space.rowBytes(), rows));
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
            RowFile.fill(channel, piece, position);
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
        content = RowFile.of(channel, ChunkLayout.HEADER_BYTES, rows, space.rowBytes());
        if (content.isMapped()) {
            channel.close();
            try {
                mapped = MappedFile.of(file);
            } catch (NoSuchFileException e) {
                // deleted, and nobody cuts short what has no name
            }
        }
    }

    /** Puts a row's values [from, to) where the buffer's position is; safe from several threads, for each its own buffer. */
    void readRow(int row, int from, int to, ByteBuffer target) throws IOException {
        content.copy(row, from, to, target);
    }

    /** Checks that a mapped file still has all its bytes; one that is read says so by itself. */
    void requireWhole() throws IOException {
        if (mapped != null) {
            mapped.requireWhole();
        }
    }

    private ByteBuffer trailer() throws IOException {
        return read(ChunkLayout.size(space.rowBytes(), rows) - ChunkLayout.TRAILER_BYTES, ChunkLayout.TRAILER_BYTES);
    }

    private ByteBuffer read(long position, int bytes) throws IOException {
        ByteBuffer target = ChunkLayout.allocate(bytes);
        RowFile.fill(channel, target, position);
        return target.flip();
    }

    @Override
    public void close() throws IOException {
        content.close();
        channel.close();
    }

    /** A file of the cache does not hold what was once written to it. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String reason) {
            super(reason);
        }
    }

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
    static final class ChunkLayout {
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
            return rows >= 1 && rows <= Integer.MAX_VALUE / Sha256.BYTES && size == size(rowBytes, rows)
                    ? (int) rows
                    : -1;
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

    /**
     * Writes one chunk, row by row, under a temporary name; it gets its own name only when all of it is on the disk. What
     * is killed on the way leaves a file that nobody reads.
     */
    static final class ChunkWriter {
        private static final Logger LOG = LoggerFactory.getLogger(ChunkWriter.class);

        private final FeatureSpace space;
        private final Path part;
        private final FileChannel channel;
        private final CRC32C checksum = new CRC32C();
        private final ByteArrayOutputStream index = new ByteArrayOutputStream();
        private int rows;

        private ChunkWriter(FeatureSpace space, Path part, FileChannel channel) {
            this.space = space;
            this.part = part;
            this.channel = channel;
        }

        static ChunkWriter create(SpaceFolder folder) throws IOException {
            Path part = folder.newPart();
            ChunkWriter writer = new ChunkWriter(folder.space(), part, folder.openPart(part));
            try {
                writer.write(ChunkLayout.header(folder.space()));
                return writer;
            } catch (IOException | RuntimeException e) {
                writer.discard();
                throw e;
            }
        }

        /**
         * Adds rows.
         *
         * @param features as many rows as there are digests
         * @param digests of the rows' images
         */
        void append(ByteBuffer features, byte[] digests) throws IOException {
            int count = digests.length / Sha256.BYTES;
            if (features.remaining() != (long) count * space.rowBytes()) {
                throw new IllegalArgumentException("expected " + count + " rows of " + space.rowBytes() + " bytes, got "
                        + features.remaining() + " bytes");
            }
            checksum.update(features.duplicate());
            write(features);
            index.writeBytes(digests);
            rows += count;
        }

        /** Completes the chunk, which stays open for reading. Without rows there is none to complete: discard it. */
        Chunk finish() throws IOException {
            byte[] digests = index.toByteArray();
            write(ByteBuffer.wrap(digests));
            write(ChunkLayout.trailer(space, digests, (int) checksum.getValue()));
            channel.force(true);
            Path file = SpaceFolder.chunkOf(part);
            try {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                LOG.warn(
                        "{} could not be published and serves this fit alone; was the cache cleared? {}",
                        file,
                        e.toString());
            }
            return new Chunk(space, file, channel, rows);
        }

        /** Gives up what was written. */
        void discard() throws IOException {
            channel.close();
            Files.deleteIfExists(part);
        }

        private void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /**
     * The chunks whose rows this process has verified, or written itself: they need not be read as a whole again before each
     * fit, which takes as long as an epoch. A chunk is the same as long as its file, its size and its modification time are.
     *
     * <p>Verifying at the first use of each row instead would save nothing, since the first epoch uses all of them, and
     * would find the damage when the layers that could mend it are gone.
     */
    static final class VerifiedChunks {
        private static final Logger LOG = LoggerFactory.getLogger(VerifiedChunks.class);

        /** 4 TB of full chunks. */
        private static final int MOST = 1 << 16;

        private static final Map<Path, Version> VERIFIED = Collections.synchronizedMap(new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Path, Version> eldest) {
                return size() > MOST;
            }
        });

        private VerifiedChunks() {}

        private record Version(@Nullable Object file, long bytes, FileTime modified) {
            static Version of(Path chunk) throws IOException {
                BasicFileAttributes attributes = Files.readAttributes(chunk, BasicFileAttributes.class);
                return new Version(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
            }
        }

        /** Whether a chunk was added and nobody has changed it since, not even its modification time. */
        static boolean contains(Path chunk) throws IOException {
            return Version.of(chunk).equals(VERIFIED.get(chunk));
        }

        /** Remembers a sound chunk as it is now; one that has gone meanwhile is no loss. */
        static void add(Path chunk) {
            try {
                VERIFIED.put(chunk, Version.of(chunk));
            } catch (IOException e) {
                LOG.debug("{} will be verified again: {}", chunk, e.toString());
            }
        }
    }
}
