package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.CachedFile;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.internal.download.CacheFolder.CacheEntry.Companions;
import org.transfer4j.internal.download.CacheFolder.CacheEntry.FileHashes;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;

/**
 * What lies in a part of the cache folder, without knowledge of where it was fetched from; and where one file lies in it that is to be
 * fetched ({@link CacheEntry}).
 */
public final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

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

    /** Where one remote file lies in the cache, with its companions. */
    static final class CacheEntry {
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
                if (!Files.isRegularFile(hash)
                        || Files.size(hash) < HASH_DIGITS
                        || Files.size(hash) > LONGEST_HASH_FILE) {
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

        /**
         * What a file is, as its publisher describes files.
         *
         * @param size bytes
         * @param published the hash by the algorithm that the publisher uses, empty where the size is wrong already
         * @param sha256 the hash that the cache records, empty where the size is wrong already
         */
        record FileHashes(long size, String published, String sha256) {
            private static final int BUFFER = 1 << 16;

            /** Reads the file once, and not at all where its size tells enough. */
            static FileHashes of(Path file, RemoteFile remote) throws IOException {
                long size = Files.size(file);
                if (remote.size() >= 0 && size != remote.size()) {
                    return new FileHashes(size, "", "");
                }
                Checksum.Algorithm algorithm = remote.checksum().algorithm();
                MessageDigest published = digest(algorithm);
                MessageDigest sha256 =
                        algorithm == Checksum.Algorithm.SHA_256 ? published : digest(Checksum.Algorithm.SHA_256);
                feed(file, sha256 == published ? List.of(published) : List.of(published, sha256));
                String publishedHex = HexFormat.of().formatHex(published.digest());
                String sha256Hex =
                        sha256 == published ? publishedHex : HexFormat.of().formatHex(sha256.digest());
                return new FileHashes(size, publishedHex, sha256Hex);
            }

            /** The SHA-256 of a file in hexadecimal digits. */
            static String sha256(Path file) throws IOException {
                MessageDigest digest = digest(Checksum.Algorithm.SHA_256);
                feed(file, List.of(digest));
                return HexFormat.of().formatHex(digest.digest());
            }

            private static void feed(Path file, List<MessageDigest> digests) throws IOException {
                byte[] buffer = new byte[BUFFER];
                try (InputStream in = Files.newInputStream(file)) {
                    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                        for (MessageDigest digest : digests) {
                            digest.update(buffer, 0, count);
                        }
                    }
                }
            }

            /** What differs from the publisher's description, expected and received. */
            Optional<String> flaw(RemoteFile remote) {
                Checksum checksum = remote.checksum();
                if (remote.size() >= 0 && size != remote.size()) {
                    return Optional.of(
                            String.format(Locale.ROOT, "expected %,d bytes, received %,d", remote.size(), size));
                }
                if (!published.equals(checksum.hex())) {
                    return Optional.of(
                            "expected " + checksum + ", received " + published
                                    + (checksum.confirmed()
                                            ? ""
                                            : " (the expected value is the publisher's, Transfer4J's authors could not confirm it)"));
                }
                return Optional.empty();
            }

            private static MessageDigest digest(Checksum.Algorithm algorithm) {
                try {
                    return MessageDigest.getInstance(algorithm.standardName());
                } catch (NoSuchAlgorithmException e) {
                    throw new IllegalStateException("every Java platform has " + algorithm.standardName(), e);
                }
            }
        }
    }
}
