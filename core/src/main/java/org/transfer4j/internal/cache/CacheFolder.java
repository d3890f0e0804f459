package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.CachedFeaturePass.ComputingTurn;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.file.TemporaryFile;

/**
 * A folder of features, one sub-folder for each feature space. Several processes may read, write and delete in it at
 * once, and nobody waits for that: chunks appear whole and are never changed, everybody deletes the same ones first, and
 * what has gone is computed again. Only those that compute wait for each other, see {@link ComputingTurn}. Files that are
 * not the cache's own are left alone.
 */
public final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);
    private static final Pattern SPACE = Pattern.compile("[0-9a-f]{64}");

    /** A part that nobody has written to for so long belongs to a process that died. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    /** What is kept of one feature space: its digest, in words, the number of rows, bytes on disk, and when it was last used. */
    public record Space(String digest, String description, long rows, long bytes, Instant lastUsed) {}

    private final Path root;

    /** Names the folder, which need not exist. */
    public CacheFolder(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /**
     * Makes the folder if it is not there, and tries whether it can be written to.
     *
     * @throws UncheckedIOException if not
     */
    public void requireWritable() {
        try {
            Files.createDirectories(root);
            TemporaryFile.requireWritable(root);
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException("a feature cache needs a folder, but " + root + " is a file", e);
        } catch (IOException e) {
            throw FileFailure.of("the feature cache " + root + " can't be written to", e);
        }
    }

    /** What is kept, the space that was used last first. */
    public List<Space> spaces() {
        try {
            List<Space> summaries = new ArrayList<>();
            for (Path folder : spaceFolders()) {
                List<StoredFile> chunks = StoredFile.in(folder, SpaceFolder::isChunk);
                if (!chunks.isEmpty()) {
                    summaries.add(SpaceFolder.summary(folder, chunks));
                }
            }
            summaries.sort(Comparator.comparing(Space::lastUsed).reversed());
            return summaries;
        } catch (IOException e) {
            throw failed("list", e);
        }
    }

    /** The bytes of all chunks. */
    public long bytes() {
        try {
            return bytes(chunks());
        } catch (IOException e) {
            throw failed("measure", e);
        }
    }

    /** Deletes all that is the cache's own; the folder stays, with what else is in it. */
    public void clear() {
        try {
            for (Path folder : spaceFolders()) {
                for (StoredFile file : StoredFile.in(folder, SpaceFolder::isOwn)) {
                    Files.deleteIfExists(file.path());
                }
                removeIfUnused(folder);
            }
        } catch (IOException e) {
            throw failed("clear", e);
        }
    }

    private UncheckedIOException failed(String verb, IOException cause) {
        return FileFailure.of("can't " + verb + " the feature cache " + root, cause);
    }

    /**
     * Deletes the chunks that were not used for longest until the others fit, and what killed processes left. Never fails, for
     * the features are written: what can't be read or deleted, as in a cache that several users share, stays.
     */
    void trim(long maximumBytes) {
        List<Path> folders = new ArrayList<>();
        List<StoredFile> chunks = new ArrayList<>();
        skipping(root, () -> folders.addAll(spaceFolders()));
        folders.forEach(folder -> skipping(folder, () -> chunks.addAll(StoredFile.in(folder, SpaceFolder::isChunk))));
        chunks.sort(StoredFile.LEAST_RECENTLY_USED);
        long bytes = bytes(chunks);
        for (StoredFile chunk : chunks) {
            if (bytes <= maximumBytes) {
                break;
            }
            if (skipping(chunk.path(), () -> Files.deleteIfExists(chunk.path()))) {
                bytes -= chunk.bytes();
            }
        }
        if (bytes > maximumBytes) {
            LOG.warn(
                    "the feature cache {} has {} bytes, more than the {} that it may have, and what is left in it can't be deleted",
                    root,
                    bytes,
                    maximumBytes);
        }
        Instant abandoned = Instant.now().minus(ABANDONED);
        for (Path folder : folders) {
            skipping(folder, () -> {
                for (StoredFile part : StoredFile.in(folder, SpaceFolder::isPart)) {
                    if (part.lastUsed().isBefore(abandoned)) {
                        Files.deleteIfExists(part.path());
                    }
                }
                removeIfUnused(folder);
            });
        }
    }

    private interface Housekeeping {
        void run() throws IOException;
    }

    /** Says whether the work was done. */
    private static boolean skipping(Path path, Housekeeping work) {
        try {
            work.run();
            return true;
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the cache leaves {} as it is: {}", path, e.toString());
            return false;
        }
    }

    private static void removeIfUnused(Path folder) throws IOException {
        if (StoredFile.in(folder, path -> SpaceFolder.isChunk(path) || SpaceFolder.isPart(path))
                        .isEmpty()
                && removeLock(folder)) {
            Files.deleteIfExists(folder.resolve(SpaceFolder.DESCRIPTION));
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException e) {
                // somebody's own file, or a part that was begun just now
            }
        }
    }

    /** Says no where somebody computes, who has perhaps not yet written anything. */
    private static boolean removeLock(Path folder) throws IOException {
        Optional<LockFile> lock;
        try {
            lock = LockFile.tryAcquire(folder.resolve(SpaceFolder.LOCK));
        } catch (NoSuchFileException e) {
            return false; // somebody else has removed it all
        }
        if (lock.isEmpty()) {
            return false;
        }
        try (LockFile held = lock.get()) {
            held.delete();
        }
        return true;
    }

    private List<Path> spaceFolders() throws IOException {
        return StoredFile.children(root).stream()
                .filter(path -> SPACE.matcher(path.getFileName().toString()).matches())
                .filter(Files::isDirectory)
                .toList();
    }

    private List<StoredFile> chunks() throws IOException {
        List<StoredFile> chunks = new ArrayList<>();
        for (Path folder : spaceFolders()) {
            chunks.addAll(StoredFile.in(folder, SpaceFolder::isChunk));
        }
        return chunks;
    }

    private static long bytes(List<StoredFile> chunks) {
        return chunks.stream().mapToLong(StoredFile::bytes).sum();
    }
}
