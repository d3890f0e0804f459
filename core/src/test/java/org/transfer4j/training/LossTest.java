package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
    @Test
    void eachCallGivesANewLoss() {
        Loss focal = Loss.focal(2);
        assertThat(focal.labelSmoothing(0.1).gamma()).isEqualTo(2);
        assertThat(focal.labelSmoothing(0.1).labelSmoothing()).isEqualTo(0.1);
        assertThat(focal.labelSmoothing()).isZero();
        assertThat(Loss.crossEntropy().gamma()).isZero();
    }

    @Test
    void thoseOfTheSameKindAndSettingsAreEqual() {
        List<Loss> different = List.of(
                Loss.crossEntropy(),
                Loss.focal(2),
                Loss.focal(1),
                Loss.crossEntropy().labelSmoothing(0.1),
                Loss.binaryCrossEntropy(),
                Loss.meanSquaredError(),
                Loss.meanAbsoluteError(),
                Loss.huber(2));
        assertThat(different).doesNotHaveDuplicates();
        assertThat(Loss.huber(2)).isEqualTo(Loss.huber(2)).hasSameHashCodeAs(Loss.huber(2));
        assertThat(Loss.crossEntropy().labelSmoothing(0.1).labelSmoothing(0)).isEqualTo(Loss.crossEntropy());
    }

    @Test
    void theyReadWell() {
        assertThat(Loss.crossEntropy()).hasToString("cross-entropy");
        assertThat(Loss.focal(2).labelSmoothing(0.1)).hasToString("focal loss, gamma 2.0, label smoothing 0.1");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void gammaIsPositive(double gamma) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.focal(gamma))
                .withMessage("the gamma of a focal loss must be positive and finite, got " + gamma);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void smoothingIsAFraction(double fraction) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy().labelSmoothing(fraction))
                .withMessage("label smoothing is at least 0 and less than 1, got " + fraction);
    }

    @Test
    void numbersAreFloats() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.focal(1e39))
                .withMessage("the gamma of a focal loss must be positive and finite, got 1.0E39, which is Infinity as a"
                        + " float");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.huber(1e-60))
                .withMessage("the delta of Huber's loss must be positive and finite, got 1.0E-60, which is 0.0 as a"
                        + " float");
    }
}
