package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.transfer4j.internal.file.FileFailure;

/** In which row of which open chunk the features of each content are. */
final class RowLocations implements AutoCloseable {
    private static final int NOWHERE = -1;

    private final List<Chunk> chunks = new ArrayList<>();
    private final int[] chunkOf;
    private final int[] rowOf;

    RowLocations(int contents) {
        chunkOf = new int[contents];
        rowOf = new int[contents];
        Arrays.fill(chunkOf, NOWHERE);
    }

    boolean isMissing(int content) {
        return chunkOf[content] == NOWHERE;
    }

    /** Whether no content is missing. */
    boolean isComplete() {
        return IntStream.of(chunkOf).noneMatch(chunk -> chunk == NOWHERE);
    }

    /** The contents that have no row yet, in order. */
    int[] missing() {
        return IntStream.range(0, chunkOf.length).filter(this::isMissing).toArray();
    }

    /** Takes over a chunk. Row by row the contents that it has, or -1; those that have a row already keep it. */
    void add(Chunk chunk, int[] contentOfRow) throws IOException {
        chunk.map();
        for (int row = 0; row < contentOfRow.length; row++) {
            int content = contentOfRow[row];
            if (content != NOWHERE && isMissing(content)) {
                chunkOf[content] = chunks.size();
                rowOf[content] = row;
            }
        }
        chunks.add(chunk);
    }

    /** Puts the values [from, to) of a content's row where the buffer's position is. */
    void read(int content, int from, int to, ByteBuffer target) {
        Chunk chunk = chunks.get(chunkOf[content]);
        try {
            chunk.readRow(rowOf[content], from, to, target);
        } catch (IOException e) {
            throw FileFailure.of("can't read features from the cache file " + chunk.file(), e);
        }
    }

    @Override
    public void close() {
        IOException failure = null;
        for (Chunk chunk : chunks) {
            try {
                chunk.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw FileFailure.of("can't close the files of the feature cache", failure);
        }
    }
}
