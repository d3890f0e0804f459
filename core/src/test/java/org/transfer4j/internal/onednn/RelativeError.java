package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The measure of agreement: relative L2 distance, for each image on its own. */
final class RelativeError {
    static final double LIMIT = 1e-5;

    private RelativeError() {}

    static void assertAgree(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(worst(actual, expected)).isLessThan(LIMIT);
    }

    static double worst(INDArray actual, INDArray expected) {
        double worst = 0;
        for (long image = 0; image < expected.size(0); image++) {
            float[] mine = actual.get(org.nd4j.linalg.indexing.NDArrayIndex.point(image))
                    .dup('c')
                    .data()
                    .asFloat();
            float[] theirs = expected.get(org.nd4j.linalg.indexing.NDArrayIndex.point(image))
                    .dup('c')
                    .data()
                    .asFloat();
            double difference = 0;
            double norm = 0;
            for (int i = 0; i < theirs.length; i++) {
                difference += Math.pow((double) mine[i] - theirs[i], 2);
                norm += Math.pow(theirs[i], 2);
            }
            assertThat(norm).as("norm of the expected features").isPositive();
            // a NaN is not smaller than anything, but the maximum of one is NaN as well
            worst = Math.max(worst, Math.sqrt(difference / norm));
        }
        return worst;
    }
}
