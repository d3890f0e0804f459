package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.transfer4j.download.CachedFile;
import org.transfer4j.internal.download.CacheEntry.Companions;
import org.transfer4j.internal.download.CacheEntry.FileHashes;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;

/** What lies in a part of the cache folder, without knowledge of where it was fetched from. */
public final class CacheFolder {
    private final Path cacheFolder;
    private final Path part;

    /**
     * Describes a part; nothing is read yet.
     *
     * @param cacheFolder the cache folder
     * @param part the name of a folder in it
     */
    public CacheFolder(Path cacheFolder, String part) {
        this.cacheFolder = cacheFolder;
        this.part = cacheFolder.resolve(part);
    }

    /**
     * Lists the files.
     *
     * @param verify whether to hash those that have a recorded SHA-256
     * @return the files by name; empty where there is no folder
     * @throws UncheckedIOException if the folder can't be read
     */
    public List<CachedFile> list(boolean verify) {
        List<CachedFile> entries = new ArrayList<>();
        try {
            for (Path file : files()) {
                describe(file, verify).ifPresent(entries::add);
            }
        } catch (IOException e) {
            throw FileFailure.of("can't list " + part, e);
        }
        return entries;
    }

    /**
     * Deletes files, but none that is being downloaded, in this process or another, and none that somebody put there of
     * which nothing is recorded.
     *
     * @param before only those last written before that time
     * @return what was deleted
     * @throws UncheckedIOException if a file can't be deleted
     */
    public List<CachedFile> prune(Instant before) {
        List<CachedFile> deleted = new ArrayList<>();
        try {
            for (Path file : files()) {
                prune(file, before).ifPresent(deleted::add);
            }
        } catch (IOException e) {
            throw FileFailure.of("can't delete files of " + part, e);
        }
        return deleted;
    }

    private Optional<CachedFile> prune(Path file, Instant before) throws IOException {
        if (fetched(file, before).isEmpty()) {
            return Optional.empty();
        }
        Companions companions = new Companions(file);
        Optional<LockFile> lock = LockFile.tryAcquire(companions.lock());
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        try {
            // under the lock, for it may have been fetched anew since it was listed
            Optional<CachedFile> entry = fetched(file, before);
            if (entry.isPresent()) {
                // the lock stays: others may wait for it
                for (Path each : List.of(companions.hash(), file, companions.part(), companions.version())) {
                    Files.deleteIfExists(each);
                }
            }
            return entry;
        } finally {
            lock.get().close();
        }
    }

    private Optional<CachedFile> fetched(Path file, Instant before) throws IOException {
        return describe(file, false)
                .filter(found -> found.fetched().isBefore(before) && found.state() != CachedFile.State.UNRECORDED);
    }

    /** The files that are there, whole or in part, without their companions. */
    private Iterable<Path> files() throws IOException {
        TreeSet<Path> files = new TreeSet<>();
        if (!Files.isDirectory(part)) {
            return files;
        }
        // the folder may be a link to one on a larger disk, which is walked only by its real name
        Path real = part.toRealPath();
        try (Stream<Path> all = Files.walk(real)) {
            for (Path found : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path file = part.resolve(real.relativize(found));
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(Companions.PART)) {
                    files.add(file.resolveSibling(name.substring(0, name.length() - Companions.PART.length())));
                } else if (!Companions.isOne(file)) {
                    files.add(file);
                }
            }
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
        return files;
    }

    /** Empty where it has gone meanwhile. */
    private Optional<CachedFile> describe(Path file, boolean verify) throws IOException {
        Companions companions = new Companions(file);
        try {
            boolean whole = Files.isRegularFile(file);
            Path present = whole ? file : companions.part();
            return Optional.of(new CachedFile(
                    name(file),
                    Files.size(present),
                    Files.getLastModifiedTime(present).toInstant(),
                    whole ? state(companions, verify) : CachedFile.State.UNFINISHED));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static CachedFile.State state(Companions companions, boolean verify) throws IOException {
        Optional<String> recorded = companions.recordedHash();
        if (recorded.isEmpty()) {
            return CachedFile.State.UNRECORDED;
        }
        if (!verify) {
            return CachedFile.State.RECORDED;
        }
        return recorded.get().equals(FileHashes.sha256(companions.file()))
                ? CachedFile.State.VERIFIED
                : CachedFile.State.DAMAGED;
    }

    private String name(Path file) {
        List<String> parts = new ArrayList<>();
        cacheFolder.relativize(file).forEach(each -> parts.add(each.toString()));
        return String.join("/", parts);
    }
}
