package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.testing.RelativeL2;

/** How well the two engines must agree: closer than they must agree with Keras. */
final class RelativeError {
    static final double LIMIT = 1e-5;

    private RelativeError() {}

    static void assertAgree(INDArray actual, INDArray expected) {
        assertThat(worst(actual, expected)).isLessThan(LIMIT);
    }

    static void assertAgree(Precision precision, INDArray actual, INDArray expected) {
        assertThat(worst(actual, expected)).as(precision.name()).isLessThan(limit(precision));
    }

    /** bfloat16 rounds each value by up to 1/512 of itself. */
    private static double limit(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> LIMIT;
            case BFLOAT16 -> 2e-2;
        };
    }

    static double worst(INDArray actual, INDArray expected) {
        return RelativeL2.worst(actual, expected);
    }
}
