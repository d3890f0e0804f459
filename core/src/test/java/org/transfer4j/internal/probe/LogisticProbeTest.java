package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.LogCapture;

/** Beside scikit-learn, on the features and labels of {@code probe_golden.py}. */
class LogisticProbeTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("probe/probe.json");
    private static final INDArray FEATURES = GoldenFiles.array("probe/features.npy");
    private static final int[] LABELS = GoldenFiles.array("probe/labels.npy").toIntVector();
    private static final int CLASSES = 4;
    private static final double[] EQUAL = {1, 1, 1, 1};

    @TempDir
    private Path folder;

    private FeatureMatrix matrix(INDArray features, int[] labels) {
        try (FeatureStore store = FeatureStore.create(folder, new long[] {features.size(1)}, labels.length)) {
            store.append(new Batch(features, labels));
            return FeatureMatrix.of(store, (int) features.size(1));
        }
    }

    private static LogisticRegression problem(FeatureMatrix features, double[] classWeights) {
        return problem(features, LABELS, classWeights);
    }

    private static LogisticRegression problem(FeatureMatrix features, int[] labels, double[] classWeights) {
        LogisticRegression.Images all =
                new LogisticRegression.Images(labels, classWeights, new int[labels.length], new BitSet());
        return LogisticRegression.here(features, all, new int[] {-1});
    }

    private static void assertSolved(JsonNode expected, LogisticRegression problem) {
        double[] solution = problem.solve(
                        problem.starts(), expected.get("strength").asDouble(), 1e-6, 1000)
                .get(0);
        LinearLayer layer = problem.layer(solution);
        for (int c = 0; c < CLASSES; c++) {
            double largest =
                    Arrays.stream(layer.weights()[c]).map(Math::abs).max().orElseThrow();
            assertThat(layer.weights()[c])
                    .containsExactly(doubles(expected.get("weights").get(c)), within(2e-3 * largest + 1e-4));
        }
        assertThat(layer.bias()).containsExactly(doubles(expected.get("bias")), within(2e-3));
    }

    private static double[] doubles(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    @Test
    void theSolutionsAreThoseOfScikitLearn() {
        try (FeatureMatrix features = matrix(FEATURES, LABELS)) {
            for (JsonNode expected : GOLDEN.get("plain")) {
                assertSolved(expected, problem(features, EQUAL));
            }
            JsonNode weighted = GOLDEN.get("weighted");
            assertSolved(weighted, problem(features, doubles(weighted.get("classWeights"))));
        }
    }

    /** One vector of weights there is the difference of two here; a third class without images changes nothing. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void ofTwoClassesTheSolutionsAreThoseOfScikitLearnToo(int classes) {
        JsonNode two = GOLDEN.get("two");
        int[] labels = ints(two.get("labels"));
        double[] equal = Arrays.copyOf(EQUAL, classes);
        try (FeatureMatrix features = matrix(FEATURES, labels)) {
            for (JsonNode expected : two.get("plain")) {
                LogisticRegression problem = problem(features, labels, equal);
                LinearLayer layer = problem.layer(
                        problem.solve(problem.starts(), expected.get("strength").asDouble(), 1e-6, 1000)
                                .get(0));
                double[] weights = doubles(expected.get("weights").get(0));
                double largest = Arrays.stream(weights).map(Math::abs).max().orElseThrow();
                assertThat(IntStream.range(0, weights.length)
                                .mapToDouble(j -> layer.weights()[1][j] - layer.weights()[0][j])
                                .toArray())
                        .containsExactly(weights, within(2e-3 * largest + 1e-4));
                assertThat(layer.bias()[1] - layer.bias()[0])
                        .isCloseTo(expected.get("bias").get(0).asDouble(), within(2e-3));
            }
            assertThat(LogisticProbe.learn(features, labels, equal).accuracies().stream()
                            .mapToDouble(Double::doubleValue)
                            .toArray())
                    .containsExactly(doubles(two.get("chosen").get("accuracies")), within(0.0045));
        }
    }

    private static int[] ints(JsonNode array) {
        return Arrays.stream(doubles(array)).mapToInt(number -> (int) number).toArray();
    }

    @Test
    void theStrengthIsTheOneThatScikitLearnChooses() {
        JsonNode chosen = GOLDEN.get("chosen");
        try (FeatureMatrix features = matrix(FEATURES, LABELS)) {
            LogisticProbe.Learned learned = LogisticProbe.learn(features, LABELS, EQUAL);

            assertThat(learned.strength()).isCloseTo(chosen.get("strength").asDouble(), within(1e-9));
            // one image of a part that is on the border between two classes is 1/5 of 1/48
            assertThat(learned.accuracies().stream()
                            .mapToDouble(Double::doubleValue)
                            .toArray())
                    .containsExactly(doubles(chosen.get("accuracies")), within(0.0045));
        }
    }

    @Test
    void theLayerIsForFeaturesAsTheyAre() {
        JsonNode expected = GOLDEN.get("plain").get(1);
        try (FeatureMatrix features = matrix(FEATURES, LABELS)) {
            LogisticRegression problem = problem(features, EQUAL);
            LinearLayer layer = features.folded(
                    problem.layer(problem.solve(problem.starts(), 1, 1e-6, 1000).get(0)));
            for (int i = 0; i < 10; i++) {
                assertThat(softmax(layer, FEATURES.getRow(i).toDoubleVector()))
                        .containsExactly(doubles(expected.get("probabilities").get(i)), within(2e-4));
            }
        }
    }

    private static double[] softmax(LinearLayer layer, double[] row) {
        double[] scores = layer.bias().clone();
        for (int c = 0; c < scores.length; c++) {
            for (int j = 0; j < row.length; j++) {
                scores[c] += layer.weights()[c][j] * row[j];
            }
        }
        double sum = Arrays.stream(scores).map(Math::exp).sum();
        return Arrays.stream(scores).map(score -> Math.exp(score) / sum).toArray();
    }

    @Test
    void thePartsAreThoseOfScikitLearn() {
        int[] expected = ints(GOLDEN.get("folds"));

        assertThat(Folds.stratified(LABELS, 5).ofImage()).containsExactly(expected);
    }

    /** Of fewer images than features, products with each other say as much as the features. */
    @Test
    void aJudgementIsThatOfTheChosenStrength() {
        int[] few = IntStream.range(0, 24).toArray();
        int[] labels = IntStream.of(few).map(i -> LABELS[i]).toArray();
        INDArray some = FEATURES.getRows(few);
        INDArray wide = Nd4j.hstack(some, some.mul(some), Nd4j.toFlattened(some).reshape(24, -1));
        for (INDArray features : List.of(FEATURES, wide)) {
            int[] classes = features == wide ? labels : LABELS;
            assertThat(features == wide).isEqualTo(features.size(1) > features.size(0));
            try (FeatureMatrix matrix = matrix(features, classes)) {
                LogisticProbe.Judgement judgement = LogisticProbe.judge(matrix, classes, CLASSES);
                List<Double> accuracies =
                        LogisticProbe.learn(matrix, classes, EQUAL).accuracies();
                assertThat(judgement.accuracy())
                        .isCloseTo(
                                accuracies.subList(1, 6).stream()
                                        .max(Double::compare)
                                        .orElseThrow(),
                                within(1e-9));
                assertThat(judgement.loss()).isPositive();
            }
        }
    }

    @Test
    void turnedFeaturesHaveTheSameProducts() {
        INDArray features = Nd4j.rand(new int[] {9, 40});
        features.putRow(8, features.getRow(3));
        try (FeatureMatrix matrix = matrix(features, new int[9]);
                FeatureMatrix turned = matrix.turned()) {
            assertThat(turned.width()).isEqualTo(9);
            assertThat(products(turned)).hasDimensions(9, 9);
            for (int i = 0; i < 9; i++) {
                assertThat(products(turned)[i]).containsExactly(products(matrix)[i], within(1e-3f));
            }
        }
    }

    private static float[][] products(FeatureMatrix features) {
        return features.values().transpose().mmul(features.values()).toFloatMatrix();
    }

    @Test
    void theSameFeaturesGiveTheSameBits() {
        try (FeatureMatrix one = matrix(FEATURES, LABELS);
                FeatureMatrix other = matrix(FEATURES, LABELS)) {
            assertThat(LogisticProbe.learn(one, LABELS, EQUAL).layer().weights())
                    .isDeepEqualTo(
                            LogisticProbe.learn(other, LABELS, EQUAL).layer().weights());
        }
    }

    @Test
    void classesThatCanBeToldApartEntirelyAreNoEndlessWork() {
        INDArray features = Nd4j.createFromArray(new float[][] {{0, 1}, {0, 2}, {5, 1}, {5, 2}, {9, 1}, {9, 2}});
        int[] labels = {0, 0, 1, 1, 2, 2};
        try (FeatureMatrix matrix = matrix(features, labels)) {
            LinearLayer layer =
                    LogisticProbe.learn(matrix, labels, new double[] {1, 1, 1}).layer();

            for (int i = 0; i < labels.length; i++) {
                double[] probabilities = softmax(layer, features.getRow(i).toDoubleVector());
                assertThat(probabilities[labels[i]]).isGreaterThan(0.5);
            }
        }
    }

    @Test
    void aClassWithoutImagesIsAsGoodAsImpossible() {
        int[] labels = IntStream.of(LABELS).map(label -> label == 2 ? 0 : label).toArray();
        try (FeatureMatrix features = matrix(FEATURES, labels)) {
            LinearLayer layer = LogisticProbe.learn(features, labels, EQUAL).layer();

            for (int i = 0; i < 20; i++) {
                assertThat(softmax(layer, FEATURES.getRow(i).toDoubleVector())[2])
                        .isLessThan(1e-4);
            }
        }
    }

    @Test
    void oneImageAClassIsLearnedWithoutAChoice() {
        INDArray features = Nd4j.createFromArray(new float[][] {{0, 1}, {1, 0}});
        try (LogCapture log = new LogCapture(LogisticProbe.class);
                FeatureMatrix matrix = matrix(features, new int[] {0, 1})) {
            LogisticProbe.Learned learned = LogisticProbe.learn(matrix, new int[] {0, 1}, new double[] {1, 1});

            assertThat(learned.strength()).isEqualTo(1);
            assertThat(learned.accuracies()).isEmpty();
            assertThat(log.warnings()).anyMatch(line -> line.contains("one image a class"));
            assertThat(softmax(learned.layer(), new double[] {0, 1})[0]).isGreaterThan(0.6);
        }
    }

    @Test
    void featuresThatAreNotFiniteAreRefused() {
        INDArray features = Nd4j.createFromArray(new float[][] {{0, 1}, {1, Float.NaN}, {2, 3}});

        assertThatIllegalStateException()
                .isThrownBy(() -> matrix(features, new int[] {0, 1, 1}))
                .withMessageContaining("feature 1 is not finite");
    }

    @Test
    void featuresAreStandardizedAsScikitLearnDoesIt() {
        float[][] rows = {{1, 7.1f, 1e6f}, {3, 7.1f, 1e6f + 1}};
        try (FeatureMatrix matrix = matrix(Nd4j.createFromArray(rows), new int[] {0, 1})) {
            assertThat(List.of(matrix.rows(), matrix.width())).containsExactly(2, 3);
            assertThat(matrix.values().toFloatMatrix()).isDeepEqualTo(new float[][] {{-1, 1}, {0, 0}, {-1, 1}});
        }
    }
}
