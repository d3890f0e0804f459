package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.internal.file.FileFailure;

/** Where one remote file lies in the cache, with its companions. */
final class CacheEntry {
    private static final Logger LOG = LoggerFactory.getLogger(CacheEntry.class);

    /** What the cache holds. */
    enum State {
        ABSENT,
        DAMAGED,
        INTACT
    }

    private final RemoteFile remote;
    private final Path file;
    private final Companions companions;

    CacheEntry(RemoteFile remote, Path cacheFolder) {
        this.remote = remote;
        this.file = cacheFolder.resolve(remote.name());
        this.companions = new Companions(file);
    }

    RemoteFile remote() {
        return remote;
    }

    Path file() {
        return file;
    }

    Path folder() {
        return Objects.requireNonNull(file.getParent(), "a name under a folder");
    }

    Path part() {
        return companions.part();
    }

    Path version() {
        return companions.version();
    }

    Path lock() {
        return companions.lock();
    }

    /** Verifies what lies in the cache, and records its SHA-256 where none is recorded (a file put there by hand). */
    State check() {
        if (!Files.isRegularFile(file)) {
            return State.ABSENT;
        }
        try {
            Optional<String> recorded = companions.recordedHash();
            FileHashes hashes = FileHashes.of(file, remote);
            Optional<String> flaw = hashes.flaw(remote);
            if (flaw.isEmpty() && recorded.isPresent() && !recorded.get().equals(hashes.sha256())) {
                flaw = Optional.of(
                        "its SHA-256 is " + hashes.sha256() + ", recorded at its download was " + recorded.get());
            }
            if (flaw.isPresent()) {
                LOG.warn("{} is not used: {}", file, flaw.get());
                return State.DAMAGED;
            }
            if (recorded.isEmpty()) {
                record(hashes);
            }
            return State.INTACT;
        } catch (IOException e) {
            throw FileFailure.of("can't read " + file, e);
        }
    }

    void makeFolder() {
        try {
            Files.createDirectories(folder());
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** The error for a cache folder that can't be made or written. */
    UncheckedIOException unwritable(IOException cause) {
        String where =
                cause instanceof FileSystemException known && known.getFile() != null ? known.getFile() + ": " : "";
        return new UncheckedIOException(
                folder() + ": the cache folder can't be written (" + where + FileFailure.reason(cause)
                        + "); another one is set with -D" + DownloadSettings.CACHE_PROPERTY
                        + "=<folder> or DownloadSettings.withCacheFolder",
                cause);
    }

    /** Moves the verified part into its place. */
    void publish(FileHashes hashes) throws IOException {
        Files.deleteIfExists(companions.hash());
        Files.move(part(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(version());
        record(hashes);
    }

    void deletePart() throws IOException {
        Files.deleteIfExists(part());
        Files.deleteIfExists(version());
    }

    /** The cache may be read-only and filled by an administrator: the record is welcome, not needed. */
    private void record(FileHashes hashes) {
        try {
            Files.writeString(companions.hash(), hashes.sha256() + "  " + remote.fileName() + "\n");
        } catch (IOException e) {
            LOG.debug("the SHA-256 of {} can't be recorded", file, e);
        }
    }

    /**
     * The files that lie beside a cached one: {@code .sha256} (what it hashed to when it was verified, as {@code sha256sum}
     * writes it), {@code .part} (an unfinished download), {@code .part.etag} (which version of the file that is a part of)
     * and {@code .lock} (empty, stays).
     *
     * @param file the cached file
     */
    record Companions(Path file) {
        static final String PART = ".part";
        static final String HASH = ".sha256";

        private static final String VERSION = ".part.etag";
        private static final String LOCK = ".lock";
        private static final Logger LOG = LoggerFactory.getLogger(Companions.class);
        private static final int HASH_DIGITS = 64;
        private static final int LONGEST_HASH_FILE = 10_000;

        /** Whether a file is the companion of another, by its name. */
        static boolean isOne(Path file) {
            String name = String.valueOf(file.getFileName());
            return List.of(PART, VERSION, HASH, LOCK).stream().anyMatch(name::endsWith);
        }

        Path part() {
            return beside(PART);
        }

        Path version() {
            return beside(VERSION);
        }

        Path lock() {
            return beside(LOCK);
        }

        Path hash() {
            return beside(HASH);
        }

        private Path beside(String suffix) {
            return file.resolveSibling(file.getFileName() + suffix);
        }

        /** The recorded SHA-256 in hexadecimal digits. */
        Optional<String> recordedHash() throws IOException {
            Path recorded = hash();
            if (!Files.isRegularFile(recorded)
                    || Files.size(recorded) < HASH_DIGITS
                    || Files.size(recorded) > LONGEST_HASH_FILE) {
                return Optional.empty();
            }
            String hex =
                    new String(Files.readAllBytes(recorded), StandardCharsets.ISO_8859_1).substring(0, HASH_DIGITS);
            try {
                return Optional.of(Checksum.sha256(hex).hex());
            } catch (IllegalArgumentException e) {
                LOG.debug("{} holds no SHA-256", recorded, e);
                return Optional.empty();
            }
        }
    }
}
