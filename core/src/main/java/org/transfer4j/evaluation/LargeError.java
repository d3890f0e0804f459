package org.transfer4j.evaluation;

/**
 * An image of which a number was predicted badly: the regressor has not learned it, or the number is wrong.
 *
 * @param index in the order in which the images were evaluated, from 0
 * @param image where it comes from, a path for example; its number where nobody told
 * @param target the name of the target of the largest error
 * @param actual the number that it has
 * @param predicted the number that was predicted
 */
public record LargeError(int index, String image, String target, double actual, double predicted) {
    /**
     * All values on one line.
     *
     * @return for example {@code faces/17.jpg: age 31.000, predicted 58.204}
     */
    @Override
    public String toString() {
        return image + ": " + target + " " + RegressionReport.number(actual) + ", predicted "
                + RegressionReport.number(predicted);
    }
}
