package org.transfer4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The measure of agreement: |actual - expected| / |expected| in the L2 norm. */
public final class RelativeL2 {
    private RelativeL2() {}

    /**
     * The largest distance of any image, each on its own.
     *
     * @param actual [N, ...]
     * @param expected of the same shape, no image all zero
     * @return the distance, NaN where a value is
     */
    public static double worst(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double worst = 0;
        for (long image = 0; image < expected.size(0); image++) {
            double distance = distance(actual.slice(image), expected.slice(image));
            // a NaN is not smaller than anything, but the maximum of one is NaN as well
            worst = Math.max(worst, distance);
        }
        return worst;
    }

    /**
     * The distance of two arrays as a whole.
     *
     * @param actual any shape
     * @param expected of the same shape, not all zero
     * @return the distance, NaN where a value is
     */
    public static double distance(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float[] mine = actual.dup('c').data().asFloat();
        float[] theirs = expected.dup('c').data().asFloat();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < theirs.length; i++) {
            difference += Math.pow((double) mine[i] - theirs[i], 2);
            norm += Math.pow(theirs[i], 2);
        }
        assertThat(norm).as("norm of the expected values").isPositive();
        return Math.sqrt(difference / norm);
    }
}
