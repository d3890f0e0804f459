package org.transfer4j.evaluation;

import org.transfer4j.internal.text.TextTable;

/**
 * An image whose actual class got little probability: the classifier is wrong, or unsure, or the label is wrong.
 *
 * @param index in the order in which the images were evaluated, from 0
 * @param image where it comes from, a path for example; its number where nobody told
 * @param actual the name of the class that it has
 * @param predicted the name of the class that it was given
 * @param actualProbability what the actual class got, 0 to 1
 * @param predictedProbability what the predicted class got, 0 to 1
 */
public record HardImage(
        int index,
        String image,
        String actual,
        String predicted,
        double actualProbability,
        double predictedProbability) {
    /**
     * All values on one line.
     *
     * @return for example {@code cats/17.jpg: cat 0.0210, taken for dog 0.9512}, or {@code cats/3.jpg: cat 0.5100} where the
     *     class is right
     */
    @Override
    public String toString() {
        String text = image + ": " + actual + " " + TextTable.decimals(actualProbability, 4);
        return predicted.equals(actual)
                ? text
                : text + ", taken for " + predicted + " " + TextTable.decimals(predictedProbability, 4);
    }
}
