package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

class OptimizerTest {
    @Test
    void plainOnesAreNd4js() {
        assertThat(Optimizer.sgd(0.05).updater()).isEqualTo(new Sgd(0.05));
        assertThat(Optimizer.adam(1e-3).updater()).isEqualTo(new Adam(1e-3));
        Adam adam = (Adam) Optimizer.adam(1e-3).updater();
        assertThat(adam.getBeta1()).isEqualTo(0.9);
        assertThat(adam.getBeta2()).isEqualTo(0.999);
        assertThat(adam.getEpsilon()).isEqualTo(1e-8);
    }

    /** lr / (1 + decay * t). */
    @Test
    void decayIsThatOfKeras() {
        for (Optimizer optimizer : new Optimizer[] {
            Optimizer.sgd(0.05).decay(0.1),
            Optimizer.adam(0.05).decay(0.1),
            Optimizer.sgd(0.05).decay(0.1).nesterov(0.9)
        }) {
            assertThat(optimizer.updater().getLearningRate(0, 0)).isEqualTo(0.05);
            assertThat(optimizer.updater().getLearningRate(5, 0)).isCloseTo(0.05 / 1.5, within(1e-12));
            assertThat(optimizer.updater().getLearningRate(90, 3)).isCloseTo(0.005, within(1e-12));
        }
    }

    @Test
    void momentumIsNesterovs() {
        Nesterovs updater = (Nesterovs) Optimizer.sgd(0.05).nesterov(0.9).updater();
        assertThat(updater.getMomentum()).isEqualTo(0.9);
        assertThat(updater.getLearningRate(7, 1)).isEqualTo(0.05);
        assertThat(Optimizer.sgd(0.05).nesterov(0.9).nesterov(0).updater()).isEqualTo(new Sgd(0.05));
    }

    @Test
    void eachCallGivesANewOptimizer() {
        Optimizer.Sgd plain = Optimizer.sgd(0.05);
        plain.decay(0.5).nesterov(0.9);
        assertThat(plain.updater()).isEqualTo(new Sgd(0.05));
        assertThat(plain.updater()).isNotSameAs(plain.updater());
    }

    @Test
    void theyReadWell() {
        assertThat(Optimizer.sgd(0.05)).hasToString("SGD(0.05)");
        assertThat(Optimizer.sgd(0.05).decay(1e-5).nesterov(0.9)).hasToString("SGD(0.05, decay 1.0E-5, Nesterov 0.9)");
        assertThat(Optimizer.adam(0.001).decay(0.5)).hasToString("Adam(0.001, decay 0.5)");
        assertThat(Optimizer.of(new Sgd(0.25)).toString()).contains("Sgd").contains("0.25");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void aRateIsPositive(double rate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(rate))
                .withMessage("the learning rate must be positive and finite, got " + rate);
        assertThatIllegalArgumentException().isThrownBy(() -> Optimizer.adam(rate));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY})
    void aDecayIsNotNegative(double decay) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(1).decay(decay))
                .withMessage("the decay must be zero or positive and finite, got " + decay);
        assertThatIllegalArgumentException().isThrownBy(() -> Optimizer.adam(1).decay(decay));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void aMomentumIsAFraction(double momentum) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(1).nesterov(momentum))
                .withMessage("momentum is at least 0 and less than 1, got " + momentum);
    }
}
