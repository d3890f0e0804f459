package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.Chunk.VerifiedChunks;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * The folder of one feature space: chunks, parts that become chunks, a description, and a lock. Chunks and parts have
 * names of their own, so that nobody writes to another's.
 */
final class SpaceFolder {
    /** What the space is, in words. */
    static final String DESCRIPTION = "description.txt";

    /** Of those that compute. */
    static final String LOCK = "computing.lock";

    private static final Logger LOG = LoggerFactory.getLogger(SpaceFolder.class);
    private static final String CHUNK_SUFFIX = ".features";
    private static final String PART_SUFFIX = ".part";
    private static final String UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final Pattern CHUNK = Pattern.compile(UUID_PATTERN + Pattern.quote(CHUNK_SUFFIX));
    private static final Pattern PART = Pattern.compile(UUID_PATTERN + Pattern.quote(PART_SUFFIX));
    private static final int ATTEMPTS = 5;

    private final Path folder;
    private final FeatureSpace space;

    SpaceFolder(Path root, FeatureSpace space) {
        this.folder = root.resolve(space.name());
        this.space = space;
    }

    FeatureSpace space() {
        return space;
    }

    Path path() {
        return folder;
    }

    static boolean isChunk(Path file) {
        return CHUNK.matcher(file.getFileName().toString()).matches();
    }

    static boolean isPart(Path file) {
        return PART.matcher(file.getFileName().toString()).matches();
    }

    /** Whether the cache has written the file. Not so the lock: only who can take it may remove it. */
    static boolean isOwn(Path file) {
        return isChunk(file) || isPart(file) || file.getFileName().toString().equals(DESCRIPTION);
    }

    Path newPart() {
        return folder.resolve(UUID.randomUUID() + PART_SUFFIX);
    }

    /** The name that a part gets when it is complete. */
    static Path chunkOf(Path part) {
        String name = part.getFileName().toString();
        return part.resolveSibling(name.substring(0, name.length() - PART_SUFFIX.length()) + CHUNK_SUFFIX);
    }

    /** Creates a part. */
    FileChannel openPart(Path part) throws IOException {
        return inFolder(() -> {
            describe();
            return FileChannel.open(
                    part, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        });
    }

    /** Takes the right to compute features of the space, if nobody has it. */
    Optional<LockFile> tryLock() throws IOException {
        return inFolder(() -> LockFile.tryAcquire(folder.resolve(LOCK)));
    }

    /** Does what needs the folder, and makes it where it is not there: whoever clears the cache may take it away at any time. */
    private <T> T inFolder(Interruption.Work<T, IOException> work) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Files.createDirectories(folder);
            try {
                return work.call();
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void describe() throws IOException {
        Path description = folder.resolve(DESCRIPTION);
        if (!Files.exists(description)) {
            Files.writeString(description, space.description() + "\n", StandardCharsets.UTF_8);
        }
    }

    /** What a folder holds, as far as the files can be read. */
    static CacheFolder.Space summary(Path folder, List<StoredFile> chunks) throws IOException {
        long rows = 0;
        long bytes = 0;
        Instant lastUsed = Instant.EPOCH;
        for (StoredFile chunk : chunks) {
            rows += Chunk.countRows(chunk.path());
            bytes += chunk.bytes();
            lastUsed = chunk.lastUsed().isAfter(lastUsed) ? chunk.lastUsed() : lastUsed;
        }
        return new CacheFolder.Space(folder.getFileName().toString(), description(folder), rows, bytes, lastUsed);
    }

    private static String description(Path folder) throws IOException {
        try {
            return Files.readString(folder.resolve(DESCRIPTION)).strip();
        } catch (NoSuchFileException | CharacterCodingException e) {
            return "";
        }
    }

    /** Deletes what is no use to anybody, and says so. */
    static void deleteDamaged(Path chunk, Chunk.Damaged reason) throws IOException {
        LOG.warn("{} is damaged and deleted, its features are computed again: {}", chunk, reason.getMessage());
        Files.deleteIfExists(chunk);
    }

    /** Notes that a sound chunk was of use, now: those that were not for longest are deleted first. */
    static void noteUse(Path chunk) {
        try {
            Files.setLastModifiedTime(chunk, FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.debug("the last use of {} can't be noted: {}", chunk, e.toString());
        }
        VerifiedChunks.add(chunk);
    }

    /** A file of the cache as the folder shows it. */
    record StoredFile(Path path, long bytes, Instant lastUsed) {
        /** The one that was not used for longest first; the name decides where the times are equal. */
        static final Comparator<StoredFile> LEAST_RECENTLY_USED =
                Comparator.comparing(StoredFile::lastUsed).thenComparing(StoredFile::path);

        /** The files of a folder that are wanted; none if it is gone, and without those that go meanwhile. */
        static List<StoredFile> in(Path folder, Predicate<Path> wanted) throws IOException {
            List<StoredFile> files = new ArrayList<>();
            for (Path path : children(folder)) {
                if (wanted.test(path)) {
                    try {
                        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                        if (attributes.isRegularFile()) {
                            files.add(new StoredFile(
                                    path,
                                    attributes.size(),
                                    attributes.lastModifiedTime().toInstant()));
                        }
                    } catch (NoSuchFileException e) {
                        // another process has just deleted or renamed it
                    }
                }
            }
            return files;
        }

        /** What a folder contains, nothing if it is not there. */
        static List<Path> children(Path folder) throws IOException {
            try (Stream<Path> paths = Files.list(folder)) {
                return paths.toList();
            } catch (NoSuchFileException e) {
                return List.of();
            }
        }
    }
}
