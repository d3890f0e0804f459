package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes features, chunk after chunk, and says where they are. */
final class RowWriter implements AutoCloseable {
    private final CacheFolder cache;
    private final SpaceFolder folder;
    private final long maximumBytes;
    private final RowLocations locations;
    private final int fullRows;
    private @Nullable ChunkWriter chunk;
    private int[] contents = new int[0];

    /** Starts without a chunk; the cache is kept below the maximum, as far as what is written allows. */
    RowWriter(CacheFolder cache, SpaceFolder folder, long maximumBytes, RowLocations locations) {
        this.cache = cache;
        this.folder = folder;
        this.maximumBytes = maximumBytes;
        this.locations = locations;
        this.fullRows = ChunkLayout.fullRows(folder.space().rowBytes());
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
        if (contents.length >= fullRows) {
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
