package org.transfer4j.internal.download;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.download.Checksum;

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
        String hex = new String(Files.readAllBytes(recorded), StandardCharsets.ISO_8859_1).substring(0, HASH_DIGITS);
        try {
            return Optional.of(Checksum.sha256(hex).hex());
        } catch (IllegalArgumentException e) {
            LOG.debug("{} holds no SHA-256", recorded, e);
            return Optional.empty();
        }
    }
}
