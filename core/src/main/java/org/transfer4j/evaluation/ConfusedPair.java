package org.transfer4j.evaluation;

import org.transfer4j.internal.text.TextTable;

/**
 * Images of one class that were taken for another.
 *
 * @param actual the name of the class that they have
 * @param predicted the name of the class that they were given
 * @param count their number, 1 or more
 * @param share the part of the actual class's images that they are, 0 to 1
 */
public record ConfusedPair(String actual, String predicted, long count, double share) {
    /**
     * All values on one line.
     *
     * @return for example {@code cat taken for dog: 12 times, 0.0600 of cat}
     */
    @Override
    public String toString() {
        return actual + " taken for " + predicted + ": " + count + " times, " + TextTable.decimals(share, 4) + " of "
                + actual;
    }
}
