package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.transfer4j.testing.GoldenFiles;

class ConfidentLearningTest {
    private static final JsonNode EXPECTED = GoldenFiles.json("confident_learning/expected.json");
    private static final int CLASSES = 5;

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }

    private static ConfidentLearning golden() {
        float[] probabilities =
                GoldenFiles.array("confident_learning/probabilities.npy").data().asFloat();
        return new ConfidentLearning(probabilities, ints(EXPECTED.get("labels")), CLASSES);
    }

    @Test
    void thresholdsAndJointsAreThoseOfTheFormulas() {
        ConfidentLearning learning = golden();
        for (int i = 0; i < CLASSES; i++) {
            assertThat(learning.thresholds()[i])
                    .isCloseTo(EXPECTED.get("thresholds").get(i).asDouble(), within(1e-9));
            assertThat(learning.confidentJoint()[i])
                    .containsExactly(ints(EXPECTED.get("confidentJoint").get(i)));
            for (int j = 0; j < CLASSES; j++) {
                assertThat(learning.calibratedJoint()[i][j])
                        .isCloseTo(EXPECTED.get("calibratedJoint").get(i).get(j).asDouble(), within(1e-9));
            }
        }
    }

    @Test
    void theSameImagesArePrunedAndSuspectAsInTheGoldenFile() {
        requireSame(golden().pruned(), EXPECTED.get("pruned"));
        requireSame(golden().suspects(), EXPECTED.get("suspects"));
        double[] errors = golden().errorProbabilities();
        for (int i = 0; i < errors.length; i++) {
            assertThat(errors[i])
                    .isCloseTo(EXPECTED.get("errorProbabilities").get(i).asDouble(), within(1e-9));
        }
    }

    private static void requireSame(List<ConfidentLearning.Suspect> suspects, JsonNode expected) {
        assertThat(suspects).hasSize(expected.size());
        for (int i = 0; i < suspects.size(); i++) {
            assertThat(suspects.get(i).image())
                    .isEqualTo(expected.get(i).get("image").asInt());
            assertThat(suspects.get(i).suggestion())
                    .isEqualTo(expected.get(i).get("suggestion").asInt());
        }
    }

    @Test
    void labelsOfWhichNoneIsSureAreTakenForRight() {
        float[] probabilities = {0.9f, 0.1f, 0.8f, 0.2f, 0.1f, 0.9f, 0.45f, 0.55f, 0.5f, 0.5f};
        // both images of class 1 are less sure than the classes' thresholds, but for the one at its own
        ConfidentLearning learning = new ConfidentLearning(probabilities, new int[] {0, 0, 0, 1, 1}, 2);
        assertThat(learning.thresholds()[0]).isCloseTo(0.6, within(1e-6));
        assertThat(learning.confidentJoint()).isDeepEqualTo(new int[][] {{2, 1}, {0, 1}});
        assertThat(learning.pruned()).containsExactly(new ConfidentLearning.Suspect(2, 1));
    }
}
