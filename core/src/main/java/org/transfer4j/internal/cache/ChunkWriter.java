package org.transfer4j.internal.cache;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one chunk, row by row, under a temporary name; it gets its own name only when all of it is on the disk. What
 * is killed on the way leaves a file that nobody reads.
 */
final class ChunkWriter {
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

    int rows() {
        return rows;
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
