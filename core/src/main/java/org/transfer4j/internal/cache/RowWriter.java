package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes features, chunk after chunk, and says where they are. Chunks are small enough that little is lost with a
 * process that is killed, and large enough that there are few.
 */
final class RowWriter implements AutoCloseable {
    private static final int MOST_BYTES = 64 << 20;
    private static final int MOST_ROWS = 2048;

    private final CacheFolder cache;
    private final SpaceFolder folder;
    private final long maximumBytes;
    private final RowLocations locations;
    private final int rowsOfChunk;
    private @Nullable ChunkWriter chunk;
    private int[] contents = new int[0];

    /** Starts without a chunk; the cache is kept below the maximum, as far as what is written allows. */
    RowWriter(CacheFolder cache, SpaceFolder folder, long maximumBytes, RowLocations locations) {
        this.cache = cache;
        this.folder = folder;
        this.maximumBytes = maximumBytes;
        this.locations = locations;
        this.rowsOfChunk =
                Math.max(1, Math.min(MOST_ROWS, MOST_BYTES / folder.space().rowBytes()));
    }

    /**
     * Adds rows.
     *
     * @param features as many rows as there are contents
     * @param newContents the rows' contents
     * @param digests the contents' digests
     */
    void append(ByteBuffer features, int[] newContents, byte[] digests) throws IOException {
        if (chunk == null) {
            chunk = ChunkWriter.create(folder);
        }
        chunk.append(features, digests);
        contents = IntStream.concat(Arrays.stream(contents), Arrays.stream(newContents))
                .toArray();
        if (contents.length >= rowsOfChunk) {
            finishChunk();
        }
    }

    /** Completes the chunk that is open, if there is one. */
    void finishChunk() throws IOException {
        if (chunk != null) {
            Chunk finished = chunk.finish();
            SpaceFolder.noteUse(finished.file());
            locations.add(finished, contents);
            chunk = null;
            contents = new int[0];
            cache.trim(maximumBytes);
        }
    }

    /** Gives up the chunk that is open, if there is one. */
    @Override
    public void close() throws IOException {
        if (chunk != null) {
            chunk.discard();
            chunk = null;
        }
    }
}
