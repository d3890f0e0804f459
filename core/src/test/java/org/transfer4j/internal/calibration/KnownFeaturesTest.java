package org.transfer4j.internal.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.internal.calibration.KnownFeatures.Neighbours;
import org.transfer4j.testing.GoldenFiles;

class KnownFeaturesTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("calibration/distances.json");

    private static float[][] unit(String name) {
        return TemperatureTest.rows(GOLDEN.get(name)).stream()
                .map(KnownFeatures::toLengthOne)
                .toArray(float[][]::new);
    }

    private static KnownFeatures known(NoveltyScore score) {
        return KnownFeatures.of(score, unit("known"), TemperatureTest.labels(GOLDEN));
    }

    @Test
    void mahalanobisDistanceIsThatOfScikitLearn() {
        KnownFeatures known = known(NoveltyScore.MAHALANOBIS);
        float[][] others = unit("others");
        for (int i = 0; i < others.length; i++) {
            assertThat(Math.pow(known.distance(others[i]), 2))
                    .isCloseTo(GOLDEN.get("mahalanobis").get(i).doubleValue(), withinPercentage(0.01));
        }
    }

    @Test
    void neighboursAreThoseOfScikitLearn() {
        Neighbours known = (Neighbours) known(NoveltyScore.NEAREST_NEIGHBOURS);
        float[][] others = unit("others");
        GOLDEN.get("neighbours").properties().forEach(entry -> {
            for (int i = 0; i < others.length; i++) {
                assertThat(known.distance(others[i], Integer.parseInt(entry.getKey())))
                        .isCloseTo(entry.getValue().get(i).floatValue(), within(1e-5f));
            }
        });
        assertThat(known.distance(others[10])).isEqualTo(known.distance(others[10], 1));
    }

    @ParameterizedTest
    @EnumSource
    void arraysHoldItAll(NoveltyScore score) {
        KnownFeatures known = known(score);
        Map<String, INDArray> arrays = new LinkedHashMap<>(known.arrays());
        KnownFeatures restored =
                KnownFeatures.restored(score, known.width(), known.rows(), new LinkedHashMap<>(arrays));
        for (float[] other : unit("others")) {
            assertThat(restored.distance(other)).isEqualTo(known.distance(other));
        }
        arrays.forEach((name, array) -> {
            Map<String, INDArray> forged = new LinkedHashMap<>(arrays);
            forged.put(name, array.dup().putScalar(0, Float.NaN));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KnownFeatures.restored(score, known.width(), known.rows(), forged))
                    .withMessageContaining(name + " must be finite");
            forged.putAll(arrays);
            forged.put(name, Nd4j.zeros(3));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KnownFeatures.restored(score, known.width(), known.rows(), forged))
                    .withMessageContaining(name + " must be [");
            forged.putAll(arrays);
            forged.remove(name);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KnownFeatures.restored(score, known.width(), known.rows(), forged))
                    .withMessageContaining("found none");
        });
    }

    /** More features than images, and some that are the same in all: the covariance alone has no inverse. */
    @Test
    void fewImagesOfManyFeaturesSuffice() {
        SplittableRandom random = new SplittableRandom(3);
        float[][] features = new float[12][50];
        for (float[] row : features) {
            for (int j = 0; j < 40; j++) {
                row[j] = (float) random.nextDouble();
            }
            KnownFeatures.toLengthOne(row);
        }
        int[] classes = IntStream.range(0, 12).map(i -> 2 * (i % 2)).toArray();
        KnownFeatures known = KnownFeatures.of(NoveltyScore.MAHALANOBIS, features, classes);
        assertThat(known.rows()).as("a class without images has no mean").isEqualTo(2);
        float[] other = new float[50];
        other[45] = 1;
        float farthest = 0;
        for (float[] row : features) {
            farthest = Math.max(farthest, known.distance(row));
        }
        assertThat(known.distance(other)).isFinite().isGreaterThan(2 * farthest);
    }

    @Test
    void imagesThatAreAllAlikeTeachNothing() {
        float[][] alike = {{1, 0}, {1, 0}, {0, 1}, {0, 1}};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KnownFeatures.of(NoveltyScore.MAHALANOBIS, alike, new int[] {0, 0, 1, 1}))
                .withMessageContaining("all alike within their classes");
    }

    @Test
    void featuresWithoutLengthOrLimitsAreSeen() {
        assertThat(KnownFeatures.toLengthOne(new float[3])).containsExactly(0, 0, 0);
        assertThat(KnownFeatures.toLengthOne(new float[] {3, 4})).containsExactly(0.6f, 0.8f);
        assertThat(KnownFeatures.toLengthOne(new float[] {3e30f, 4e30f})[0]).isCloseTo(0.6f, within(1e-6f));
        assertThatIllegalStateException().isThrownBy(() -> KnownFeatures.toLengthOne(new float[] {1, Float.NaN}));
    }

    /** 16 MiB of 512 features. */
    @Test
    void soManyNeighboursAreKeptAsThereIsRoomFor() {
        float[][] features = new float[9000][];
        float[] first = new float[512];
        first[0] = 1;
        float[] second = new float[512];
        second[1] = 1;
        Arrays.fill(features, first);
        Arrays.fill(features, 0, 3, second);
        int[] classes = new int[9000];
        Arrays.fill(classes, 0, 3, 1);
        KnownFeatures known = KnownFeatures.of(NoveltyScore.NEAREST_NEIGHBOURS, features, classes);
        assertThat(known.rows()).isEqualTo(8192);
        assertThat(known.distance(first)).isZero();
        assertThat(known.distance(second)).as("the ninth nearest").isCloseTo((float) Math.sqrt(2), within(1e-6f));
    }

    @Test
    void someAreTakenEvenlyOfEachClass() {
        int[] classes =
                IntStream.range(0, 1000).map(i -> i < 900 ? 0 : i < 990 ? 1 : 2).toArray();
        int[] taken = KnownFeatures.evenly(classes, 100);
        assertThat(taken).isSorted().doesNotHaveDuplicates();
        List<Integer> counts = IntStream.range(0, 3)
                .mapToObj(c ->
                        (int) Arrays.stream(taken).filter(i -> classes[i] == c).count())
                .toList();
        assertThat(counts).containsExactly(45, 45, 10);
        assertThat(taken[0]).isBetween(0, 20);
        assertThat(taken[44]).isBetween(880, 899);
        assertThat(KnownFeatures.evenly(classes, 1000)).hasSize(1000);
        assertThat(KnownFeatures.evenly(new int[] {0, 1, 2, 3}, 2))
                .as("one of each")
                .hasSize(4);
    }
}
