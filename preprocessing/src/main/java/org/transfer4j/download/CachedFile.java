package org.transfer4j.download;

import java.time.Instant;

/**
 * A file in the cache folder.
 *
 * @param name its path relative to the cache folder, with forward slashes
 * @param size bytes that are there
 * @param fetched when the last of them was written
 * @param state what is known of them
 */
public record CachedFile(String name, long size, Instant fetched, State state) {
    /** What is known of a file's bytes. */
    public enum State {
        /** Their SHA-256 was recorded when the file was first verified, and was not compared now. */
        RECORDED,
        /** They have the recorded SHA-256. */
        VERIFIED,
        /** They have another SHA-256 than the recorded one; the file is fetched anew at its next use. */
        DAMAGED,
        /** Nothing is recorded yet of a file that was put there by hand; it is verified at its first use. */
        UNRECORDED,
        /** The file has not been fetched to its end; the next download goes on from there. */
        UNFINISHED
    }
}
