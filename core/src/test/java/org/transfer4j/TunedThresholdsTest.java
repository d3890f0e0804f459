package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.evaluation.LabelMetrics;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.head.Head;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** Digits with two labels, "seven" and "even", of a classifier that learned from few. */
class TunedThresholdsTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits().shuffle(3);
    private static final MultiLabelDataset HELD_OUT = labelled(DIGITS.limit(400));

    private static ImageClassifier fitted;
    private static ImageClassifier tuned;

    @TempDir
    private Path folder;

    private static MultiLabelDataset labelled(ImageDataset digits) {
        List<Set<String>> labels = IntStream.range(0, digits.size())
                .mapToObj(i -> {
                    int digit = Integer.parseInt(digits.label(i));
                    return digit == 7 ? Set.of("seven") : digit % 2 == 0 ? Set.of("even") : Set.<String>of();
                })
                .toList();
        return MultiLabelDataset.of(digits, labels);
    }

    @BeforeAll
    static void tune() {
        fitted = TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .head(Head.globalAveragePooling().dense(32).multiLabel())
                .epochs(60)
                .fit(labelled(DIGITS.select(IntStream.range(400, 700).toArray())));
        tuned = fitted.calibrate(HELD_OUT);
    }

    @AfterAll
    static void close() {
        tuned.close();
        fitted.close();
    }

    @Test
    void itsThresholdsAreBetterThanOneHalf() {
        MultiLabelReport before = fitted.evaluate(HELD_OUT);
        MultiLabelReport after = tuned.evaluate(HELD_OUT);
        assertThat(after.macroF1()).isGreaterThan(before.macroF1());
        assertThat(after.meanAveragePrecision()).isEqualTo(before.meanAveragePrecision());
        assertThat(after.threshold()).isNaN();
        assertThat(after.toString()).contains("by class");
        assertThat(after.toJson()).contains("\"threshold\":\"NaN\"");
        assertThat(after.atThreshold(0.5).toJson()).isEqualTo(before.toJson());
        assertThat(tuned.thresholds()).extracting(LabelThreshold::label).containsExactly("even", "seven");
        for (int c = 0; c < 2; c++) {
            LabelThreshold label = tuned.thresholds().get(c);
            LabelMetrics metrics = after.classes().get(c);
            assertThat(after.thresholds().get(c)).isEqualTo(label.threshold());
            assertThat(metrics.precision()).isEqualTo(label.precision());
            assertThat(metrics.recall()).isEqualTo(label.recall());
            assertThat(metrics.support()).isEqualTo(label.support());
        }
        assertThat(fitted.thresholds()).isEmpty();
    }

    @Test
    void predictionsGoByThem() {
        List<Prediction> predictions = tuned.predict(HELD_OUT.images());
        for (Prediction prediction : predictions) {
            List<String> expected = tuned.thresholds().stream()
                    .filter(label -> (float) prediction.probability(label.label()) > (float) label.threshold())
                    .map(LabelThreshold::label)
                    .toList();
            assertThat(prediction.labels()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(prediction.toString().startsWith("no ")).isEqualTo(expected.isEmpty());
        }
        assertThat(predictions.stream().map(Prediction::labels))
                .isNotEqualTo(fitted.predict(HELD_OUT.images()).stream()
                        .map(Prediction::labels)
                        .toList());
        assertThatIllegalStateException()
                .isThrownBy(() -> predictions.get(0).set(0.95))
                .withMessageContaining("several labels");
        assertThatIllegalStateException().isThrownBy(() -> predictions.get(0).isKnown());
    }

    @Test
    void aWantedPrecisionIsReached() {
        List<String> warnings = LogCapture.warningsOf(() -> {
            try (ImageClassifier precise = fitted.calibrate(HELD_OUT, 0.8)) {
                assertThat(precise.evaluate(HELD_OUT).classes())
                        .allSatisfy(label -> assertThat(label.precision()).isGreaterThanOrEqualTo(0.8));
                assertThat(precise.calibration()).isEmpty();
            }
        });
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsUnlikeTheTrainingImagesIsTold(NoveltyScore score) {
        MultiLabelDataset training =
                labelled(DIGITS.select(IntStream.range(400, 700).toArray()));
        Path file = folder.resolve("known.t4j");
        try (ImageClassifier knowing = fitted.calibrate(HELD_OUT, training, score)) {
            assertThat(knowing.thresholds()).isEqualTo(tuned.thresholds());
            List<Prediction> digits = knowing.predict(HELD_OUT.images());
            // of 400 the one of rank ceil(401 * 0.95) is the last
            assertThat(digits.stream().filter(Prediction::isKnown)).hasSize(381);
            assertThat(knowing.predict(Pictures.dataset(10))).noneMatch(Prediction::isKnown);
            assertThat(knowing.evaluate(HELD_OUT).toJson())
                    .isEqualTo(tuned.evaluate(HELD_OUT).toJson());
            knowing.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.thresholds()).isEqualTo(tuned.thresholds());
                assertThat(loaded.predict(HELD_OUT.images()).stream().map(Prediction::novelty))
                        .isEqualTo(digits.stream().map(Prediction::novelty).toList());
            }
        }
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT, training.select(0)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 of them or more are needed, got 1");
    }

    @Test
    void filesHaveThem() throws OrtException {
        Path file = folder.resolve("tuned.t4j");
        tuned.save(file);
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(loaded.thresholds()).isEqualTo(tuned.thresholds());
            assertThat(loaded.evaluate(HELD_OUT).toJson())
                    .isEqualTo(tuned.evaluate(HELD_OUT).toJson());
        }
        Path onnx = folder.resolve("tuned.onnx");
        tuned.exportOnnx(onnx);
        try (OnnxModel model = OnnxModel.load(onnx)) {
            assertThat(model.metadata())
                    .containsEntry(
                            "thresholds",
                            "[" + tuned.thresholds().get(0).threshold() + ","
                                    + tuned.thresholds().get(1).threshold() + "]");
        }
    }

    @Test
    void aFurtherTrainingBeginsWithoutThem() {
        List<String> lines = LogCapture.warningsOf(() -> {
            try (ImageClassifier further = tuned.learner().epochs(1).fit(HELD_OUT)) {
                assertThat(further.thresholds()).isEmpty();
            }
        });
        assertThat(lines)
                .filteredOn(line -> line.contains("before its calibration"))
                .hasSize(1);
    }

    @Test
    void whatCanNotBeTunedIsRefusedBeforeAnyWork() {
        MultiLabelDataset unlabelled = HELD_OUT.select(IntStream.range(0, 400)
                .filter(i -> HELD_OUT.labels(i).isEmpty())
                .limit(3)
                .toArray());
        assertThatThrownBy(() -> fitted.calibrate(unlabelled))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("got 3 without any");
        MultiLabelDataset unknown = MultiLabelDataset.of(DIGITS.limit(1), List.of(Set.of("odd")));
        assertThatThrownBy(() -> fitted.calibrate(unknown))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("unknown: [odd]");
        for (double precision : new double[] {0, -1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fitted.calibrate(HELD_OUT, precision))
                    .withMessage("a precision is above 0 and at most 1, got " + precision);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fitted.calibrate(DIGITS))
                .withMessageContaining("calibrate it on a MultiLabelDataset");
        try (ImageClassifier single = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> single.calibrate(HELD_OUT))
                    .withMessageContaining("calibrate it on an ImageDataset");
        }
    }

    @Test
    void aLabelWithoutImagesIsWarnedOf() {
        MultiLabelDataset even = labelled(DIGITS.select(IntStream.range(0, 100)
                .filter(i -> !DIGITS.label(i).equals("7"))
                .toArray()));
        List<String> lines = LogCapture.warningsOf(() -> {
            try (ImageClassifier without = fitted.calibrate(even)) {
                assertThat(without.thresholds().get(1)).isEqualTo(new LabelThreshold("seven", 0.5, 0, 0, 0));
            }
        });
        assertThat(lines).anyMatch(line -> line.contains("no held-out images have the labels [seven]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "-0.5", "null", "\"x\"", "1e999"})
    void forgedThresholdsAreRefused(String threshold) {
        assertRefused("\"threshold\":" + tuned.thresholds().get(0).threshold(), "\"threshold\":" + threshold);
    }

    @ParameterizedTest
    @CsvSource({"even,odd", "seven,even"})
    void thresholdsOfOtherLabelsAreRefused(String from, String to) {
        assertRefused("\"" + from + "\"", "\"" + to + "\"");
    }

    private void assertRefused(String from, String to) {
        Path file = folder.resolve("forged.t4j");
        tuned.save(file);
        ModelContents c = ModelArchive.read(file, described -> {});
        assertThat(c.calibration()).contains(from);
        ModelArchive.write(
                file,
                new ModelContents(
                        c.libraryVersion(),
                        c.backbone(),
                        c.topology(),
                        c.network(),
                        c.preprocessing(),
                        c.classNames(),
                        c.history(),
                        c.calibration().replace(from, to),
                        c.weights()));
        assertThatThrownBy(() -> ImageClassifier.load(file)).isInstanceOf(ModelFileException.class);
    }
}
