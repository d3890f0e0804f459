package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the chunks of a space that are less than half full, when there are more than a few of them: whoever adds ten
 * images a day would have thousands of files. Rows that a full chunk or another small one has as well are kept once.
 *
 * <p>The small chunks are deleted when all their rows stand in published ones. Who is killed before leaves rows twice,
 * which serve all the same, and which the next merge sees; who has small chunks open reads on; who finds one gone finds
 * its rows in the new one. It is for those whose turn it is to compute: two at once might each delete a row that they
 * saw in a chunk of the other.
 */
final class ChunkMerge {
    /** So many small chunks are left alone. */
    static final int FEW = 8;

    private static final Logger LOG = LoggerFactory.getLogger(ChunkMerge.class);

    private final SpaceFolder folder;
    private final FeatureSpace space;
    private final int fullRows;
    private final List<Path> published = new ArrayList<>();
    private @Nullable ChunkWriter writer;

    ChunkMerge(SpaceFolder folder) {
        this.folder = folder;
        this.space = folder.space();
        this.fullRows = ChunkLayout.fullRows(space.rowBytes());
    }

    /** Merges, where there is enough to merge. A failure leaves the small chunks as they are. */
    void run() {
        try {
            List<StoredFile> small = new ArrayList<>();
            List<StoredFile> others = new ArrayList<>();
            for (StoredFile chunk : StoredFile.in(folder.path(), SpaceFolder::isChunk)) {
                (2L * rows(chunk) < fullRows ? small : others).add(chunk);
            }
            if (small.size() > FEW) {
                merge(small, others);
            }
        } catch (IOException e) {
            LOG.info("the small files in {} can't be merged and stay: {}", folder.path(), e.toString());
        }
    }

    private int rows(StoredFile chunk) {
        return Math.max(0, ChunkLayout.rows(space.rowBytes(), chunk.bytes()));
    }

    private void merge(List<StoredFile> small, List<StoredFile> others) throws IOException {
        DigestTable digests =
                new DigestTable(small.stream().mapToInt(this::rows).sum());
        for (StoredFile chunk : small) {
            read(chunk.path(), opened -> addAll(opened.index(), digests));
        }
        BitSet kept = new BitSet(digests.size());
        for (StoredFile chunk : others) {
            read(chunk.path(), opened -> mark(opened.index(), digests, kept));
        }
        List<Path> merged = new ArrayList<>();
        Instant lastUsed = Instant.EPOCH;
        try {
            for (StoredFile chunk : small) {
                if (read(chunk.path(), opened -> copy(opened, digests, kept))) {
                    merged.add(chunk.path());
                    lastUsed = chunk.lastUsed().isAfter(lastUsed) ? chunk.lastUsed() : lastUsed;
                }
            }
            publish();
        } finally {
            if (writer != null) {
                writer.discard();
            }
        }
        replace(merged, lastUsed);
    }

    /** Work on an open chunk. */
    private interface ChunkWork {
        void on(Chunk chunk) throws IOException;
    }

    /** Says whether it could be read; a damaged one is said, deleted, and no loss to the others. */
    private boolean read(Path file, ChunkWork work) throws IOException {
        try (Chunk chunk = Chunk.open(space, file)) {
            work.on(chunk);
            return true;
        } catch (NoSuchFileException e) {
            LOG.debug("{} was deleted meanwhile", file);
        } catch (DamagedChunkException e) {
            SpaceFolder.deleteDamaged(file, e);
        }
        return false;
    }

    private static void addAll(byte[] index, DigestTable digests) {
        for (int offset = 0; offset < index.length; offset += Sha256.BYTES) {
            digests.add(index, offset);
        }
    }

    private static void mark(byte[] index, DigestTable digests, BitSet kept) {
        for (int offset = 0; offset < index.length; offset += Sha256.BYTES) {
            int number = digests.find(index, offset);
            if (number >= 0) {
                kept.set(number);
            }
        }
    }

    private void copy(Chunk chunk, DigestTable digests, BitSet kept) throws IOException {
        byte[] index = chunk.index();
        chunk.verifyRows();
        ByteBuffer row = ByteBuffer.allocateDirect(space.rowBytes());
        for (int offset = 0; offset < index.length; offset += Sha256.BYTES) {
            int number = digests.find(index, offset);
            if (!kept.get(number)) {
                kept.set(number);
                chunk.readRow(offset / Sha256.BYTES, 0, space.rowBytes() / Float.BYTES, row.clear());
                append(row.flip(), Arrays.copyOfRange(index, offset, offset + Sha256.BYTES));
            }
        }
    }

    private void append(ByteBuffer row, byte[] digest) throws IOException {
        if (writer == null) {
            writer = ChunkWriter.create(folder);
        }
        writer.append(row, digest);
        if (writer.rows() == fullRows) {
            publish();
        }
    }

    private void publish() throws IOException {
        if (writer != null) {
            try (Chunk chunk = writer.finish()) {
                published.add(chunk.file());
            }
            writer = null;
        }
    }

    private void replace(List<Path> merged, Instant lastUsed) throws IOException {
        if (!published.stream().allMatch(Files::exists)) {
            return; // a file that could not be moved into its place, or a cache that was cleared meanwhile
        }
        for (Path chunk : published) {
            SpaceFolder.noteUse(chunk, lastUsed);
        }
        for (Path chunk : merged) {
            Files.deleteIfExists(chunk);
        }
        LOG.debug("merged {} small files in {} to {}", merged.size(), folder.path(), published.size());
    }
}
