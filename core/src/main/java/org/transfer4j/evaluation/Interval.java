package org.transfer4j.evaluation;

import org.transfer4j.internal.text.TextTable;

/**
 * Between which values a figure lies, as far as the images at hand tell.
 *
 * @param low the lower end
 * @param high the upper end
 */
public record Interval(double low, double high) {
    /**
     * Both ends.
     *
     * @return for example {@code 0.9312 to 0.9587}
     */
    @Override
    public String toString() {
        return TextTable.decimals(low, 4) + " to " + TextTable.decimals(high, 4);
    }
}
