package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
}
