package org.transfer4j.internal.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.testing.GoldenFiles;

class ThresholdsTest {
    private static LabelThreshold of(float[] probabilities, boolean[] there, OptionalDouble precision) {
        return FittedCalibration.threshold("sea", probabilities, there, precision);
    }

    /** Precision, recall and F1 of what is above a threshold. */
    private static double[] figures(float[] probabilities, boolean[] there, double threshold) {
        double right = 0;
        double given = 0;
        double support = 0;
        for (int i = 0; i < there.length; i++) {
            boolean above = probabilities[i] > (float) threshold;
            right += above && there[i] ? 1 : 0;
            given += above ? 1 : 0;
            support += there[i] ? 1 : 0;
        }
        return new double[] {right / given, right / support, 2 * right / (given + support)};
    }

    @Test
    void noThresholdIsBetterThanScikitLearns() {
        for (JsonNode example : GoldenFiles.json("calibration/thresholds.json")) {
            float[] scores = new float[example.get("scores").size()];
            boolean[] there = new boolean[scores.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = example.get("scores").get(i).floatValue();
                there[i] = example.get("there").get(i).booleanValue();
            }
            LabelThreshold best = of(scores, there, OptionalDouble.empty());
            assertThat(figures(scores, there, best.threshold())[2])
                    .isCloseTo(example.get("bestF1").doubleValue(), within(1e-12));
            example.get("recallAtPrecision").properties().forEach(entry -> {
                double wanted = Double.parseDouble(entry.getKey());
                LabelThreshold precise = of(scores, there, OptionalDouble.of(wanted));
                double[] reached = figures(scores, there, precise.threshold());
                assertThat(precise.precision()).isEqualTo(reached[0]);
                assertThat(precise.recall()).isEqualTo(reached[1]);
                if (entry.getValue().doubleValue() < 0) {
                    assertThat(reached[0]).isLessThan(wanted);
                } else {
                    assertThat(reached[0]).isGreaterThanOrEqualTo(wanted);
                    assertThat(reached[1]).isCloseTo(entry.getValue().doubleValue(), within(1e-12));
                }
            });
        }
    }

    @Test
    void theThresholdLiesHalfWay() {
        float[] probabilities = {0.9f, 0.2f, 0.6f, 0.1f};
        boolean[] there = {true, false, true, false};
        assertThat(of(probabilities, there, OptionalDouble.empty()).threshold()).isCloseTo(0.4, within(1e-6));
        boolean[] others = {true, true, false, false};
        assertThat(of(probabilities, others, OptionalDouble.of(0.6)).threshold())
                .as("two of three are right")
                .isCloseTo(0.15, within(1e-6));
    }

    @Test
    void whatHasNoImagesOrNoPreciseThresholdGetsWhatIsLeft() {
        assertThat(of(new float[] {0.9f, 0.1f}, new boolean[2], OptionalDouble.empty()))
                .isEqualTo(new LabelThreshold("sea", 0.5, 0, 0, 0));
        LabelThreshold best = of(
                new float[] {0.9f, 0.8f, 0.7f, 0.1f},
                new boolean[] {false, true, true, false},
                OptionalDouble.of(0.99));
        assertThat(best.precision()).isEqualTo(2 / 3.0);
        assertThat(best.threshold()).isCloseTo(0.4, within(1e-6));
    }

    @Test
    void extremeProbabilitiesGiveThresholds() {
        float[] same = {1, 1, 1};
        assertThat(of(same, new boolean[] {true, false, true}, OptionalDouble.empty())
                        .threshold())
                .isEqualTo(0.5);
        float[] none = {0, 0, Math.nextUp(0f)};
        LabelThreshold least = of(none, new boolean[] {false, false, true}, OptionalDouble.empty());
        assertThat(least.threshold()).isGreaterThan(0).isLessThan(1);
        float[] close = {1, Math.nextDown(1f)};
        LabelThreshold between = of(close, new boolean[] {true, false}, OptionalDouble.empty());
        assertThat(figures(close, new boolean[] {true, false}, between.threshold())[2])
                .isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new LabelThreshold("x", 1, 0, 0, 0));
    }
}
