package org.transfer4j.internal.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.internal.calibration.FittedCalibration.HeldOutScores;
import org.transfer4j.testing.GoldenFiles;

class HeldOutScoresTest {
    private static HeldOutScores ascending(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i + 1f) / count;
        }
        return new HeldOutScores(values);
    }

    @ParameterizedTest
    @CsvSource({
        "19, 0.95, 19",
        "99, 0.99, 99",
        "100, 0.95, 96",
        "1, 0.5, 1",
        "999, 0.9, 900",
        "9, 0.7, 7",
        "1000, 0.001, 2"
    })
    void theRankIsThatOfTheRule(int images, double coverage, int rank) {
        assertThat(ascending(images).highest(coverage)).isEqualTo((float) rank / images);
        assertThat(ascending(images).suffice(coverage)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"18, 0.95, 19, 95%", "98, 0.99, 99, 99%", "1, 0.6, 2, 60%", "500, 0.999, 999, 99.9%"})
    void tooFewImagesAreRefusedByTheRule(int images, double coverage, int fewest, String percent) {
        assertThat(ascending(images).suffice(coverage)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ascending(images).highest(coverage))
                .withMessageContaining("to cover " + percent + " of new images, " + fewest + " held-out images or more")
                .withMessageContaining("got " + images);
        assertThat(ascending(fewest).suffice(coverage)).isTrue();
        assertThat(ascending(fewest - 1).suffice(coverage)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 1.5, Double.NaN, Double.NEGATIVE_INFINITY})
    void coveragesOutOfRangeAreRefused(double coverage) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ascending(100).highest(coverage))
                .withMessage("a coverage is above 0 and below 1, got " + coverage);
    }

    @Test
    void quantilesAreNumpys() {
        JsonNode golden = GoldenFiles.json("calibration/temperature.json");
        for (JsonNode example : golden.get("cases")) {
            List<float[]> probabilities = TemperatureTest.rows(example.get("probabilities"));
            int[] labels = TemperatureTest.labels(example);
            Temperature temperature = Temperature.of(probabilities, labels);
            float[] scores = new float[labels.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = FittedCalibration.score(temperature.apply(probabilities.get(i))[labels[i]]);
            }
            HeldOutScores sorted = HeldOutScores.of(scores);
            for (int i = 0; i < golden.get("coverages").size(); i++) {
                assertThat(sorted.highest(golden.get("coverages").get(i).doubleValue()))
                        .isCloseTo(example.get("quantiles").get(i).floatValue(), within(2e-6f));
            }
        }
    }

    /** 200 divisions of the same scores, 1,000 of them to learn from; many are equal, as those of sure images are. */
    @ParameterizedTest
    @ValueSource(doubles = {0.8, 0.9, 0.95, 0.99})
    void asManyNewImagesAreCoveredAsWanted(double coverage) {
        SplittableRandom random = new SplittableRandom(15);
        float[] scores = new float[2500];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) Math.pow(random.nextDouble(), 4);
        }
        Arrays.fill(scores, 0, 100, 0);
        double sum = 0;
        for (int draw = 0; draw < 200; draw++) {
            for (int i = scores.length - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                float swapped = scores[i];
                scores[i] = scores[j];
                scores[j] = swapped;
            }
            float highest = HeldOutScores.of(Arrays.copyOf(scores, 1000)).highest(coverage);
            sum += IntStream.range(1000, scores.length)
                            .filter(i -> scores[i] <= highest)
                            .count()
                    / 1500.0;
        }
        assertThat(sum / 200).isCloseTo(coverage, within(0.01));
    }

    @Test
    void scoresOutOfOrderAreRefused() {
        for (float[] values : new float[][] {{0.2f, 0.1f}, {Float.NaN}, {0, Float.POSITIVE_INFINITY}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HeldOutScores(values))
                    .withMessageContaining("finite and ascending");
        }
    }

    /** A score is rounded, so that several probabilities have the same: the least of them is told. */
    @Test
    void theLeastProbabilityIsInTheSetAndNothingBelowIt() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            float probability = (float) Math.pow(random.nextFloat(), 4);
            float highest = FittedCalibration.score(probability);
            float least = (float) FittedCalibration.sets(
                            HeldOutScores.of(new float[] {highest, highest, highest, highest}),
                            List.of(new float[] {probability}))
                    .get(0)
                    .leastProbability();
            assertThat(FittedCalibration.score(least)).isLessThanOrEqualTo(highest);
            assertThat(least == 0 || FittedCalibration.score(Math.nextDown(least)) > highest)
                    .as("%s is the least of score %s", least, highest)
                    .isTrue();
        }
    }

    /** What the table says of the sets of three images. */
    @Test
    void theTableCountsTheMembersOfTheSets() {
        HeldOutScores scores = HeldOutScores.of(new float[] {0.1f, 0.2f, 0.3f, 0.6f});
        List<float[]> probabilities =
                List.of(new float[] {0.9f, 0.1f}, new float[] {0.5f, 0.5f}, new float[] {0.3f, 0.7f});
        assertThat(FittedCalibration.sets(scores, probabilities))
                .singleElement()
                .satisfies(set -> {
                    assertThat(set.coverage()).isEqualTo(0.8);
                    assertThat(set.leastProbability()).isCloseTo(0.4, within(1e-6));
                    assertThat(set.meanSize()).isEqualTo(4 / 3.0);
                })
                .isInstanceOf(Calibration.SetSize.class);
    }
}
