package org.transfer4j.similarity;

import org.transfer4j.internal.text.TextTable;

/**
 * An image that is like another one.
 *
 * @param index its number in the dataset of the index, from 0
 * @param image where it comes from, a path for example
 * @param label its label
 * @param similarity the cosine of both images' features, -1 to 1
 */
public record Neighbour(int index, String image, String label, double similarity) {
    /**
     * All values on one line.
     *
     * @return for example {@code 0.9731 cat cats/17.jpg}
     */
    @Override
    public String toString() {
        return TextTable.decimals(similarity, 4) + " " + label + " " + image;
    }
}
