package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.transfer4j.download.Checksum;

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
        MessageDigest sha256 = algorithm == Checksum.Algorithm.SHA_256 ? published : digest(Checksum.Algorithm.SHA_256);
        feed(file, sha256 == published ? List.of(published) : List.of(published, sha256));
        String publishedHex = HexFormat.of().formatHex(published.digest());
        String sha256Hex = sha256 == published ? publishedHex : HexFormat.of().formatHex(sha256.digest());
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
            return Optional.of(String.format(Locale.ROOT, "expected %,d bytes, received %,d", remote.size(), size));
        }
        if (!published.equals(checksum.hex())) {
            return Optional.of("expected " + checksum + ", received " + published
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
