package org.transfer4j.internal.tail.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

class TrainingLossTest {
    private static final double SMALLEST = 1e-10;

    static Stream<TrainingLoss> losses() {
        return Stream.of(
                TrainingLoss.categorical(Loss.crossEntropy(), 3, 1, 0.5, 1),
                TrainingLoss.categorical(Loss.crossEntropy().labelSmoothing(0.3)),
                TrainingLoss.categorical(Loss.focal(2)),
                TrainingLoss.categorical(Loss.focal(0.5), 1, 2, 3, 4),
                TrainingLoss.categorical(Loss.focal(3).labelSmoothing(0.2), 1, 2, 3, 4));
    }

    private static double at(TrainingLoss loss, float[] logits, int actual) {
        float[] row = logits.clone();
        CategoricalLoss.softmax(row);
        return loss.of(row, new Target.OneClass(actual), SMALLEST);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void derivativesAreThoseOfTheLoss(TrainingLoss loss) {
        Random random = new Random(3);
        for (int actual = 0; actual < 4; actual++) {
            float[] logits = new float[4];
            for (int i = 0; i < 4; i++) {
                logits[i] = (float) random.nextGaussian();
            }
            float[] derivatives = logits.clone();
            CategoricalLoss.softmax(derivatives);
            loss.derive(derivatives, new Target.OneClass(actual), 0.5f);
            for (int i = 0; i < 4; i++) {
                float[] higher = logits.clone();
                float[] lower = logits.clone();
                higher[i] += 0.01f;
                lower[i] -= 0.01f;
                double slope = (at(loss, higher, actual) - at(loss, lower, actual)) / (higher[i] - lower[i]);
                assertThat(derivatives[i]).isCloseTo((float) (slope / 2), within(1e-3f));
            }
        }
    }

    /** p = 1/2, 1/4, 1/4: by hand. */
    @Test
    void knownValues() {
        float[] half = {0.5f, 0.25f, 0.25f};
        double log2 = Math.log(2);
        assertThat(TrainingLoss.crossEntropy().of(half, new Target.OneClass(0), SMALLEST))
                .isCloseTo(log2, within(1e-12));
        assertThat(TrainingLoss.categorical(Loss.focal(2)).of(half, new Target.OneClass(0), SMALLEST))
                .isCloseTo(log2 / 4, within(1e-12));
        assertThat(TrainingLoss.categorical(Loss.crossEntropy().labelSmoothing(0.3))
                        .of(half, new Target.OneClass(0), SMALLEST))
                .isCloseTo(0.8 * log2 + 0.2 * 2 * log2, within(1e-12));
        TrainingLoss weighted = TrainingLoss.categorical(Loss.crossEntropy(), 3, 1, 1);
        assertThat(weighted.of(half, new Target.OneClass(0), SMALLEST)).isCloseTo(3 * log2, within(1e-12));
        assertThat(weighted.unweighted().of(half, new Target.OneClass(0), SMALLEST))
                .isCloseTo(log2, within(1e-12));
    }

    @Test
    void certaintyIsNoTrouble() {
        for (TrainingLoss loss : losses().toList()) {
            float[] certain = {1, 0, 0, 0};
            for (int actual = 0; actual < 2; actual++) {
                assertThat(loss.of(certain, new Target.OneClass(actual), SMALLEST))
                        .isFinite()
                        .isGreaterThanOrEqualTo(-0.0);
                float[] derivatives = certain.clone();
                loss.derive(derivatives, new Target.OneClass(actual), 1);
                for (float derivative : derivatives) {
                    assertThat(derivative).isFinite();
                }
            }
        }
    }

    @Test
    void whatIsNoNumberShows() {
        float[] broken = {Float.NaN, Float.NaN, Float.NaN, Float.NaN};
        assertThat(losses().mapToDouble(loss -> loss.of(broken, new Target.OneClass(1), SMALLEST)))
                .allMatch(loss -> Double.isNaN(loss));
    }

    /** Of a small probability 1 - p is 1 but for rounding. */
    @Test
    void aLargeGammaGivesNumbers() {
        TrainingLoss focal = TrainingLoss.categorical(Loss.focal(3e38));
        float[] small = {1e-20f, 1, 0};
        assertThat(focal.of(small, new Target.OneClass(0), SMALLEST)).isZero();
        focal.derive(small, new Target.OneClass(0), 1);
        assertThat(Math.abs(small[0]) + Math.abs(small[1]) + Math.abs(small[2])).isZero();
    }
}
