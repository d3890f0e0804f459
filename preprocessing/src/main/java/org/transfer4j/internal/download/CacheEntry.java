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
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.internal.file.FileFailure;

/** Where one remote file lies in the cache, with its companions. */
final class CacheEntry {
    private static final Logger LOG = LoggerFactory.getLogger(CacheEntry.class);

    private final RemoteFile remote;
    private final Path file;
    private final Companions companions;
    private final Companions unfinished;

    /** What the last check found. */
    private Optional<String> flaw = Optional.empty();

    CacheEntry(RemoteFile remote, Path cacheFolder) {
        this(remote, cacheFolder.resolve(remote.name()), "");
    }

    private CacheEntry(RemoteFile remote, Path file, String whose) {
        this.remote = remote;
        this.file = file;
        this.companions = new Companions(file);
        this.unfinished = new Companions(file.resolveSibling(file.getFileName() + whose));
    }

    /** The same with an unfinished download that nobody else knows, where processes can't wait for each other. */
    CacheEntry withOwnPart() {
        CacheEntry own = new CacheEntry(remote, file, "." + UUID.randomUUID());
        own.flaw = flaw;
        return own;
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
        return unfinished.part();
    }

    Path version() {
        return unfinished.version();
    }

    Path lock() {
        return companions.lock();
    }

    /** Where the SHA-256 is recorded. */
    Path hash() {
        return companions.hash();
    }

    /** What is wrong with the file that the last {@link #check} found damaged. */
    Optional<String> flaw() {
        return flaw;
    }

    /**
     * Verifies what lies in the cache, and records its SHA-256 where none is recorded (a file put there by hand), or another
     * than that which the publisher names (such a file in the place of a damaged one).
     *
     * @return whether it is there and intact
     */
    boolean check() {
        flaw = Optional.empty();
        if (Files.isDirectory(file)) {
            throw FileFailure.of(
                    "can't keep the download " + file,
                    new FileSystemException(file.toString(), null, "a folder is in its place"));
        }
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try {
            Optional<String> recorded = companions.recordedHash();
            FileHashes hashes = FileHashes.of(file, remote);
            flaw = hashes.flaw(remote);
            boolean asRecorded = recorded.equals(Optional.of(hashes.sha256()));
            boolean proven = remote.checksum().algorithm() == Checksum.Algorithm.SHA_256;
            if (flaw.isEmpty() && recorded.isPresent() && !asRecorded && !proven) {
                flaw = Optional.of(
                        "its SHA-256 is " + hashes.sha256() + ", recorded at its download was " + recorded.get());
            }
            if (flaw.isPresent()) {
                LOG.warn("{} is not used: {}", file, flaw.get());
                return false;
            }
            if (!asRecorded) {
                record(hashes);
            }
            return true;
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
    record Companions(Path file, Path part, Path version, Path lock, Path hash) {
        static final String PART = ".part";

        private static final String HASH = ".sha256";
        private static final String VERSION = ".part.etag";
        private static final String LOCK = ".lock";
        private static final Logger LOG = LoggerFactory.getLogger(Companions.class);
        private static final int HASH_DIGITS = 64;
        private static final int LONGEST_HASH_FILE = 10_000;

        Companions(Path file) {
            this(file, beside(file, PART), beside(file, VERSION), beside(file, LOCK), beside(file, HASH));
        }

        /** Whether a file is the companion of another, by its name. */
        static boolean isOne(Path file) {
            String name = String.valueOf(file.getFileName());
            return List.of(PART, VERSION, HASH, LOCK).stream().anyMatch(name::endsWith);
        }

        private static Path beside(Path file, String suffix) {
            return file.resolveSibling(file.getFileName() + suffix);
        }

        /** The recorded SHA-256 in hexadecimal digits. */
        Optional<String> recordedHash() throws IOException {
            if (!Files.isRegularFile(hash) || Files.size(hash) < HASH_DIGITS || Files.size(hash) > LONGEST_HASH_FILE) {
                return Optional.empty();
            }
            String hex = Files.readString(hash, StandardCharsets.ISO_8859_1).substring(0, HASH_DIGITS);
            try {
                return Optional.of(Checksum.sha256(hex).hex());
            } catch (IllegalArgumentException e) {
                LOG.debug("{} holds no SHA-256", hash, e);
                return Optional.empty();
            }
        }
    }
}
