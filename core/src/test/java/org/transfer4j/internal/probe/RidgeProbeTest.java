package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.internal.probe.RidgeProbe.PrincipalComponents;
import org.transfer4j.testing.GoldenFiles;

/** Beside scikit-learn, on the features and targets of {@code probe_golden.py}. */
class RidgeProbeTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("probe/ridge.json");
    private static final INDArray FEATURES = GoldenFiles.array("probe/features.npy");
    private static final double[][] TARGETS = rows(GOLDEN.get("targets"));

    private static double[][] rows(JsonNode rows) {
        return IntStream.range(0, rows.size())
                .mapToObj(i -> IntStream.range(0, rows.get(i).size())
                        .mapToDouble(j -> rows.get(i).get(j).asDouble())
                        .toArray())
                .toArray(double[][]::new);
    }

    private static FeatureMatrix matrix(INDArray features, int images) {
        return FeatureMatrix.of(List.of(features.get(NDArrayIndex.interval(0, images), NDArrayIndex.all())
                .dup('c')));
    }

    /** Of more images than features, and of fewer. */
    static Stream<JsonNode> ridge() {
        return IntStream.range(0, 2).mapToObj(GOLDEN.get("ridge")::get);
    }

    @ParameterizedTest
    @MethodSource("ridge")
    void penaltiesAndErrorsAreThoseOfScikitLearn(JsonNode expected) {
        int images = expected.get("images").asInt();
        try (FeatureMatrix features = matrix(FEATURES, images)) {
            RidgeProbe.Learned learned = RidgeProbe.learned(features, Arrays.copyOf(TARGETS, images));

            for (int target = 0; target < 3; target++) {
                double strength = expected.get("strengths").get(target).asDouble();
                assertThat(learned.strengths().get(target) / strength).isCloseTo(1, within(1e-9));
            }
            double[][] errors = rows(expected.get("errors"));
            assertThat(learned.errors()).hasSameSizeAs(errors);
            for (int i = 0; i < errors.length; i++) {
                for (int target = 0; target < 3; target++) {
                    // features are standardized in float here
                    assertThat(learned.errors().get(i).get(target) / errors[i][target])
                            .isCloseTo(1, within(1e-4));
                }
            }
            assertPredicts(learned.layer(), images, rows(expected.get("predicted")));
        }
    }

    private static void assertPredicts(LinearLayer layer, int images, double[][] expected) {
        double[] tolerances = {1e-4, 1e-3, 1e-4};
        for (int i = 0; i < images; i++) {
            double[] row = FEATURES.getRow(i).toDoubleVector();
            for (int target = 0; target < tolerances.length; target++) {
                double sum = layer.bias()[target];
                for (int j = 0; j < row.length; j++) {
                    sum += layer.weights()[target][j] * row[j];
                }
                assertThat(sum).isCloseTo(expected[i][target], within(tolerances[target]));
            }
        }
    }

    /** In parts of so many images, or of so many features where images are fewer. */
    @ParameterizedTest
    @MethodSource("sizes")
    void whatIsComputedInPartsIsTheWhole(int[] sizes) {
        Nd4j.getRandom().setSeed(7);
        INDArray features = Nd4j.rand(new int[] {sizes[0], sizes[1]});
        double[][] targets = IntStream.range(0, sizes[0])
                .mapToObj(i -> new double[] {features.getDouble(i, 0) - 2 * features.getDouble(i, sizes[1] - 1)})
                .toArray(double[][]::new);
        try (FeatureMatrix matrix = matrix(features, sizes[0])) {
            RidgeProbe.Learned learned = RidgeProbe.learned(matrix, targets);
            for (int i = 0; i < sizes[0]; i += 97) {
                double sum = learned.layer().bias()[0];
                for (int j = 0; j < sizes[1]; j++) {
                    sum += learned.layer().weights()[0][j] * features.getDouble(i, j);
                }
                assertThat(sum).isCloseTo(targets[i][0], within(sizes[0] > sizes[1] ? 1e-4 : 0.3));
            }
        }
    }

    static Stream<int[]> sizes() {
        return Stream.of(new int[] {2 * PrincipalComponents.AT_ONCE + 5, 7}, new int[] {40, 1029});
    }

    @Test
    void theSameFeaturesGiveTheSameBits() {
        double[][][] layers = new double[2][][];
        for (int i = 0; i < 2; i++) {
            try (FeatureMatrix features = matrix(FEATURES, TARGETS.length)) {
                layers[i] = RidgeProbe.learn(features, TARGETS).weights();
            }
        }
        assertThat(layers[0]).isDeepEqualTo(layers[1]);
    }

    @Test
    void featuresThatAreAllTheSameLeaveTheMean() {
        try (FeatureMatrix features = matrix(Nd4j.ones(5, 3), 5)) {
            LinearLayer layer = RidgeProbe.learn(features, new double[][] {{1}, {2}, {3}, {4}, {5}});
            assertThat(layer.bias()[0]).isCloseTo(3, within(1e-9));
            assertThat(layer.weights()[0]).containsOnly(0);
        }
    }

    @Test
    void partsWithoutClassesAreThoseOfScikitLearn() {
        assertThat(Folds.consecutive(11, 3).ofImage()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2);
        assertThat(Folds.consecutive(3, 3).ofImage()).containsExactly(0, 1, 2);
    }
}
