package org.transfer4j.evaluation;

import java.util.List;
import org.transfer4j.internal.text.TextTable;

/**
 * An image whose labels were predicted badly: the classifier has not learned it, or its labels are wrong.
 *
 * @param index in the order in which the images were evaluated, from 0
 * @param image where it comes from, a path for example; its number where nobody told
 * @param actual the names of the labels that it has
 * @param given the names of those that it was given
 * @param loss its mean binary cross-entropy
 */
public record HardLabels(int index, String image, List<String> actual, List<String> given, double loss) {
    /**
     * An image; lists are copied.
     *
     * @param index as above
     * @param image as above
     * @param actual as above
     * @param given as above
     * @param loss as above
     */
    public HardLabels {
        actual = List.copyOf(actual);
        given = List.copyOf(given);
    }

    /**
     * All values on one line.
     *
     * @return for example {@code sea/17.jpg: [sea, sky], taken for [sea, beach], loss 1.2041}
     */
    @Override
    public String toString() {
        return image + ": " + actual + ", taken for " + given + ", loss " + TextTable.decimals(loss, 4);
    }
}
