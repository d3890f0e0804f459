package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunks whose rows this process has verified, or written itself: they need not be read as a whole again before each
 * fit, which takes as long as an epoch. A chunk is the same as long as its file, its size and its modification time are.
 *
 * <p>Verifying at the first use of each row instead would save nothing, since the first epoch uses all of them, and
 * would find the damage when the layers that could mend it are gone.
 */
final class VerifiedChunks {
    private static final Logger LOG = LoggerFactory.getLogger(VerifiedChunks.class);

    /** 4 TB of full chunks. */
    private static final int MOST = 1 << 16;

    private static final Map<Path, Version> VERIFIED = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Version> eldest) {
            return size() > MOST;
        }
    });

    private VerifiedChunks() {}

    private record Version(@Nullable Object file, long bytes, FileTime modified) {
        static Version of(Path chunk) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(chunk, BasicFileAttributes.class);
            return new Version(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }

    /** Whether a chunk was added and nobody has changed it since, not even its modification time. */
    static boolean contains(Path chunk) throws IOException {
        return Version.of(chunk).equals(VERIFIED.get(chunk));
    }

    /** Remembers a sound chunk as it is now; one that has gone meanwhile is no loss. */
    static void add(Path chunk) {
        try {
            VERIFIED.put(chunk, Version.of(chunk));
        } catch (IOException e) {
            LOG.debug("{} will be verified again: {}", chunk, e.toString());
        }
    }
}
