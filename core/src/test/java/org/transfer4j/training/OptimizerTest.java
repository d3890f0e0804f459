package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

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
        assertThat(Optimizer.sgd(0.05).decay(1e-5).nesterov(0.9)).hasToString("SGD(0.05, Nesterov 0.9, decay 1.0E-5)");
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

    private static TrainingProgress at(long step) {
        return new TrainingProgress(step, 10, 10, List.of());
    }

    @Test
    void theRateOfAStepFollowsTheSchedule() {
        assertThat(Optimizer.sgd(0.05).decay(0.1).learningRate(at(5))).isEqualTo(0.05 / 1.5);
        assertThat(Optimizer.rmsProp(0.2).schedule(Schedule.step(1, 0.5)).learningRate(at(20)))
                .isEqualTo(0.05);
        assertThat(Optimizer.adam(0.2).learningRate(at(99))).isEqualTo(0.2);
        assertThat(Optimizer.of(new AdaDelta()).learningRate(at(0))).isNaN();
        ISchedule schedule = new StepSchedule(ScheduleType.EPOCH, 0.1, 0.5, 1);
        assertThat(Optimizer.of(new Sgd(schedule)).learningRate(at(10))).isEqualTo(0.05);
        assertThat(Optimizer.of(new AdaGrad(schedule, 1e-6)).learningRate(at(10)))
                .isEqualTo(0.05);
    }

    @Test
    void decayAndScheduleReplaceEachOther() {
        assertThat(Optimizer.sgd(1).schedule(Schedule.cosine()).decay(1).learningRate(at(1)))
                .isEqualTo(0.5);
        assertThat(Optimizer.sgd(1).decay(1).schedule(Schedule.constant()).learningRate(at(1)))
                .isEqualTo(1);
        assertThat(Optimizer.sgd(1).decay(1).schedule(Schedule.constant()).updater())
                .isEqualTo(new Sgd(1));
    }

    @Test
    void momentumAndNesterovReplaceEachOther() {
        assertThat(Optimizer.sgd(1).momentum(0.9).nesterov(0.8).updater()).isInstanceOf(Nesterovs.class);
        IUpdater plain = Optimizer.sgd(1).nesterov(0.8).momentum(0.9).updater();
        assertThat(plain)
                .isEqualTo(Optimizer.sgd(1).momentum(0.9).updater())
                .isEqualTo(plain.clone())
                .hasSameHashCodeAs(plain.clone())
                .isNotEqualTo(Optimizer.sgd(1).momentum(0.8).updater())
                .isNotEqualTo(Optimizer.sgd(2).momentum(0.9).updater())
                .isNotEqualTo(Optimizer.rmsProp(1).updater());
        assertThat(Optimizer.sgd(1).momentum(0).updater()).isEqualTo(new Sgd(1));
    }

    @Test
    void settingsAreKeptAndClippingIsOfOneKind() {
        Optimizer optimizer =
                Optimizer.adamW(1).clipNorm(2).schedule(Schedule.cosine()).decay(0.5);
        assertThat(optimizer.weightDecay()).isEqualTo(0.01);
        assertThat(optimizer.clipNorm()).hasValue(2);
        assertThat(optimizer.clipValue()).isEmpty();
        assertThat(optimizer.clipValue(3).clipNorm()).isEmpty();
        assertThat(optimizer.clipValue(3).clipValue()).hasValue(3);
        assertThat(Optimizer.sgd(1).weightDecay(0.5).momentum(0.9).weightDecay())
                .isEqualTo(0.5);
        assertThat(Optimizer.of(new Sgd(1)).weightDecay(0.5).clipNorm(1).weightDecay())
                .isEqualTo(0.5);
        assertThat(Optimizer.rmsProp(1).weightDecay()).isZero();
    }

    @Test
    void allSettingsReadWell() {
        assertThat(Optimizer.sgd(0.1)
                        .momentum(0.9)
                        .schedule(Schedule.oneCycle())
                        .weightDecay(1e-4))
                .hasToString("SGD(0.1, momentum 0.9, one cycle, weight decay 1.0E-4)");
        assertThat(Optimizer.adamW(0.1).clipNorm(1)).hasToString("AdamW(0.1, weight decay 0.01, clip norm 1.0)");
        assertThat(Optimizer.rmsProp(0.1).clipValue(1)).hasToString("RMSProp(0.1, clip value 1.0)");
    }

    @Test
    void anUpdaterKeepsItsSchedule() {
        Optimizer custom = Optimizer.of(new Sgd(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> custom.schedule(Schedule.cosine()))
                .withMessage("an updater of ND4J has a schedule of its own; give it to Sgd, got cosine to 0.0");
        Optimizer without = Optimizer.of(new AdaDelta());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> without.weightDecay(0.1))
                .withMessage("weight decay goes with the learning rate, and AdaDelta has none; got 0.1");
    }

    @Test
    void aScheduleThatEndsTooSoonIsRefused() {
        Optimizer optimizer = Optimizer.sgd(1).schedule(Schedule.cosine().over(3));
        optimizer.requireFits(3);
        assertThatIllegalArgumentException().isThrownBy(() -> optimizer.requireFits(4));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void clippingIsPositive(double limit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(1).clipNorm(limit))
                .withMessage("the norm to clip at must be positive and finite, got " + limit);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(1).clipValue(limit))
                .withMessage("the value to clip at must be positive and finite, got " + limit);
    }

    /** They are positive and finite as doubles, but what is learned is floats. */
    @Test
    void whatIsNoNumberAsAFloatIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.sgd(1e-60))
                .withMessage("the learning rate must be positive and finite, got 1.0E-60, which is 0.0 as a float");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.adam(1e60))
                .withMessageEndingWith("got 1.0E60, which is Infinity as a float");
        Optimizer.Sgd sgd = Optimizer.sgd(0.1);
        assertThatIllegalArgumentException().isThrownBy(() -> sgd.clipNorm(1e-310));
        assertThatIllegalArgumentException().isThrownBy(() -> sgd.clipValue(1e39));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sgd.weightDecay(1e300))
                .withMessageEndingWith("got 1.0E300, which is Infinity as a float");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sgd.nesterov(1 - 1e-9))
                .withMessage("momentum is at least 0 and less than 1, got 0.999999999, which is 1.0 as a float");
        assertThat(sgd.weightDecay(1e-310).weightDecay()).isEqualTo(1e-310);
    }

    @Test
    void soItIsForUpdatersOfNd4j() {
        for (IUpdater updater : new IUpdater[] {
            new Adam(1e-3, 0.9, 0.999, 1e-50),
            new Adam(1e-3, 0.9, 1 - 1e-9, 1e-8),
            new AdaDelta(0.95, 1e-60),
            new Nesterovs(0.1, 1 - 1e-10),
            new Sgd(1e39)
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Optimizer.of(updater))
                    .withMessageStartingWith("the numbers of an updater must be about the same as floats, but the ");
        }
        assertThat(Optimizer.of(new Sgd(1 - 1e-9)).updater()).isEqualTo(new Sgd(1 - 1e-9));
        assertThat(Optimizer.of(new Sgd(new StepSchedule(ScheduleType.EPOCH, 0.1, 0.5, 2)))
                        .updater())
                .isInstanceOf(Sgd.class);
    }
}
