package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.testing.RelativeL2;

/** How well the two engines must agree: closer than they must agree with Keras. */
final class RelativeError {
    static final double LIMIT = 1e-5;

    private RelativeError() {}

    static void assertAgree(INDArray actual, INDArray expected) {
        assertThat(worst(actual, expected)).isLessThan(LIMIT);
    }

    static double worst(INDArray actual, INDArray expected) {
        return RelativeL2.worst(actual, expected);
    }
}
