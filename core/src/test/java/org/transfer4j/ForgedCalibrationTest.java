package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** Model files whose checksums are right and whose calibration lies: refused when they are loaded. */
class ForgedCalibrationTest {
    private static final String SCORES = "calibration.scores";

    @TempDir
    static Path shared;

    private static Path good;

    @TempDir
    Path folder;

    @BeforeAll
    static void save() {
        good = shared.resolve("good.t4j");
        try (ImageClassifier fitted = TransferLearner.of(TinyBackbones.plain())
                        .weights(Weights.random())
                        .epochs(1)
                        .fit(Pictures.dataset(8));
                ImageClassifier classifier = fitted.calibrate(Pictures.dataset(40), Pictures.dataset(20))) {
            classifier.save(good);
        }
    }

    private Path forged(BiFunction<ModelContents, Map<String, INDArray>, ModelContents> change) {
        Path file = folder.resolve("forged.t4j");
        ModelContents contents = ModelArchive.read(good, described -> {});
        ModelArchive.write(file, change.apply(contents, new LinkedHashMap<>(contents.weights())));
        return file;
    }

    private static ModelContents with(ModelContents c, String calibration, Map<String, INDArray> weights) {
        return new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                c.topology(),
                c.network(),
                c.preprocessing(),
                c.classNames(),
                c.history(),
                calibration,
                weights);
    }

    private static void assertRefused(Path file, String rule) {
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(rule);
    }

    @Test
    void theFileItselfIsFine() {
        try (ImageClassifier loaded = ImageClassifier.load(forged((c, weights) -> with(c, c.calibration(), weights)))) {
            assertThat(loaded.calibration().orElseThrow().images()).isEqualTo(30);
            assertThat(loaded.predict(Pictures.array(1)).set(0.95)).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\":2|\"version\":3|version 3 of a calibration is unknown",
                "\"version\":2|\"version\":2,\"more\":[]|unknown field 'more'",
                "\"images\":30|\"images\":29|calibration.scores must be [29], found [30]",
                "\"images\":30|\"images\":2147483647|calibration.scores must be [2147483647]",
                "\"heldOutImages\":40|\"heldOutImages\":41|calibration.distances must be [41], found [40]",
                "\"heldOutImages\":40|\"heldOutImages\":0|1 held-out image or more, got 0",
                "\"width\":8|\"width\":7|compares 7 features, but its frozen layers give 8",
                "\"width\":8|\"width\":2147483647|from 1 to 2048 features",
                "\"width\":8|\"width\":0|from 1 to 2048 features",
                "\"rows\":2|\"rows\":3|calibration.means must be [3, 8], found [2, 8]",
                "\"rows\":2|\"rows\":2147483647|of 1 row or more, got 8 of 2147483647",
                "\"rows\":2|\"rows\":-1|of 1 row or more",
                "\"MAHALANOBIS\"|\"NEAREST_NEIGHBOURS\"|calibration.neighbours must be [2, 8], found none",
                "\"MAHALANOBIS\"|\"COSINE\"|must be one of [MAHALANOBIS, NEAREST_NEIGHBOURS]",
                "\"novelty\":{|\"novelty\":null,\"more\":{|unknown field 'more'",
                "\"images\":30|\"images\":-30|1 image or more, got -30",
                "\"images\":30|\"images\":1e3|must be a whole number",
                "\"images\":30|\"images\":99999999999|",
                "\"temperatureImages\":10|\"temperatureImages\":0|1 image or more, got 0",
                "\"errorBefore\":|\"errorBefore\":7,\"x\":|",
                "\"sets\":[|\"sets\":[null,|",
                "\"sets\":[|\"sets\":[{\"coverage\":1.5,\"leastProbability\":0.5,\"meanSize\":1},|above 0 and below 1, got 1.5",
            })
    void figuresThatCanNotBeAreRefused(String from, String to, String rule) {
        assertRefused(
                forged((c, weights) -> {
                    assertThat(c.calibration()).contains(from);
                    return with(c, c.calibration().replace(from, to), weights);
                }),
                rule == null ? "" : rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1e9", "\"NaN\"", "null", "0.009"})
    void temperaturesOutOfRangeAreRefused(String temperature) {
        assertRefused(
                forged((c, weights) -> with(
                        c,
                        c.calibration().replaceFirst("\"temperature\":[0-9.E-]+", "\"temperature\":" + temperature),
                        weights)),
                "temperature");
    }

    private void assertScoresRefused(UnaryOperator<INDArray> change, String rule) {
        assertRefused(
                forged((c, weights) -> {
                    weights.put(SCORES, change.apply(weights.get(SCORES)));
                    return with(c, c.calibration(), weights);
                }),
                rule);
    }

    @Test
    void scoresThatAreNoneAreRefused() {
        assertScoresRefused(scores -> scores.dup().putScalar(0, Float.NaN), "calibration.scores must be finite");
        assertScoresRefused(scores -> scores.dup().putScalar(29, Float.POSITIVE_INFINITY), "must be finite");
        assertScoresRefused(scores -> scores.dup().putScalar(0, 2), "finite and ascending");
        assertScoresRefused(scores -> Nd4j.zeros(31), "calibration.scores must be [30], found [31]");
        assertScoresRefused(scores -> Nd4j.zeros(30, 1), "calibration.scores must be [30], found [30, 1]");
    }

    @Test
    void aCalibrationWithoutScoresAndScoresWithoutACalibrationAreRefused() {
        assertRefused(
                forged((c, weights) -> {
                    weights.remove(SCORES);
                    return with(c, c.calibration(), weights);
                }),
                "calibration.scores must be [30], found none");
        assertRefused(forged((c, weights) -> with(c, null, weights)), "but it holds");
        assertRefused(
                forged((c, weights) -> {
                    weights.put("calibration.more", Nd4j.zeros(5));
                    return with(c, c.calibration(), weights);
                }),
                "but it holds");
    }
}
