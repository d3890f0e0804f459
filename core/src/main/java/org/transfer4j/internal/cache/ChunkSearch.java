package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.Chunk.VerifiedChunks;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.Sha256;

/**
 * Finds contents in the chunks of a space, also in those that others write meanwhile. What is damaged is said, deleted,
 * and counts as not there.
 */
final class ChunkSearch {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkSearch.class);

    private final SpaceFolder folder;
    private final DatasetContents contents;
    private final RowLocations found;
    private final Set<Path> searched = new HashSet<>();

    ChunkSearch(SpaceFolder folder, DatasetContents contents, RowLocations found) {
        this.folder = folder;
        this.contents = contents;
        this.found = found;
    }

    /** Searches the chunks that are there and were not searched yet: none of them ever changes. */
    void run() throws IOException {
        List<StoredFile> files = StoredFile.in(folder.path(), SpaceFolder::isChunk).stream()
                .sorted(StoredFile.LEAST_RECENTLY_USED.reversed())
                .toList();
        for (StoredFile file : files) {
            if (searched.add(file.path())) {
                search(file.path());
            }
        }
    }

    /** Whether a content was not found yet. */
    boolean isMissingSome() {
        return !found.isComplete();
    }

    private void search(Path file) throws IOException {
        try {
            boolean verified = VerifiedChunks.contains(file);
            Chunk chunk = Chunk.open(folder.space(), file);
            boolean taken = false;
            try {
                taken = takeOver(chunk, verified);
            } finally {
                if (!taken) {
                    chunk.close();
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} was deleted meanwhile", file);
        } catch (Chunk.Damaged e) {
            SpaceFolder.deleteDamaged(file, e);
        } catch (ClosedByInterruptException e) {
            throw e; // the file is sound, the thread shall end
        } catch (IOException e) {
            LOG.warn("{} can't be read, its features are computed again: {}", file, e.toString());
        }
    }

    private boolean takeOver(Chunk chunk, boolean verified) throws IOException {
        byte[] index = chunk.index();
        int[] contentOfRow = IntStream.range(0, index.length / Sha256.BYTES)
                .map(row -> contents.find(index, row * Sha256.BYTES))
                .toArray();
        if (IntStream.of(contentOfRow).noneMatch(content -> content >= 0 && found.isMissing(content))) {
            return false;
        }
        if (!verified) {
            chunk.verifyRows();
        }
        SpaceFolder.noteUse(chunk.file());
        found.add(chunk, contentOfRow);
        return true;
    }

    /** In which row of which open chunk the features of each content are. */
    static final class RowLocations implements AutoCloseable {
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
                throw unreadable(chunk, e);
            }
        }

        /** Checks that nobody has cut a chunk short, of which mapped rows may then be zeros. */
        void requireWhole() {
            for (Chunk chunk : chunks) {
                try {
                    chunk.requireWhole();
                } catch (IOException e) {
                    throw unreadable(chunk, e);
                }
            }
        }

        private static UncheckedIOException unreadable(Chunk chunk, IOException cause) {
            return FileFailure.of("can't read features from the cache file " + chunk.file(), cause);
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
}
