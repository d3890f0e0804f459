package org.transfer4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RelativeL2Test {
    private static INDArray images(float... values) {
        return Nd4j.createFromArray(values).reshape(2, 2, 1, 1);
    }

    @Test
    void theWorstImageCounts() {
        INDArray expected = images(3, 4, 30, 40);
        assertThat(RelativeL2.worst(images(3, 4, 30, 40), expected)).isZero();
        assertThat(RelativeL2.worst(images(3, 4, 30, 45), expected)).isCloseTo(0.1, within(1e-7));
        assertThat(RelativeL2.worst(images(3, 5, 30, 45), expected)).isCloseTo(0.2, within(1e-7));
        assertThat(RelativeL2.worst(images(3, Float.NaN, 30, 40), expected)).isNaN();
    }

    @Test
    void nothingAgreesWithNothing() {
        assertThatThrownBy(() -> RelativeL2.worst(images(1, 1, 1, 1), images(1, 1, 0, 0)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("norm of the expected values");
        assertThatThrownBy(() -> RelativeL2.worst(images(1, 1, 1, 1), Nd4j.ones(2, 2)))
                .isInstanceOf(AssertionError.class);
    }
}
