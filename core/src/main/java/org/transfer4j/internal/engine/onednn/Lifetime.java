package org.transfer4j.internal.engine.onednn;

/**
 * How long a buffer is needed.
 *
 * @param bytes its size
 * @param first the step that writes it
 * @param last the last step that reads it
 */
record Lifetime(long bytes, int first, int last) {
    boolean overlaps(Lifetime other) {
        return first <= other.last && other.first <= last;
    }
}
