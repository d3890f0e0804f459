package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** A classifier of digits that learned from few and is not sure enough of itself, and what 450 others say of it. */
class CalibratedClassifierTest {
    private static final DatasetSplit DIGITS =
            SampleDatasets.digits().shuffle(1).split(0.5, 42);
    private static final ImageDataset HELD_OUT = DIGITS.train().limit(450);
    private static final ImageDataset TEST = DIGITS.test();

    private static ImageDataset training;
    private static ImageClassifier fitted;
    private static ImageClassifier calibrated;

    @TempDir
    private Path folder;

    @BeforeAll
    static void calibrate() {
        training = DIGITS.train()
                .select(IntStream.range(450, DIGITS.train().size()).limit(80).toArray());
        fitted = TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .head(Head.globalAveragePooling().dense(32))
                .epochs(300)
                .fit(training);
        calibrated = fitted.calibrate(HELD_OUT);
    }

    @AfterAll
    static void close() {
        calibrated.close();
        fitted.close();
    }

    @Test
    void probabilitiesAreAsHighAsPredictionsAreRight() {
        Calibration figures = calibrated.calibration().orElseThrow();
        assertThat(figures.temperature()).isLessThan(0.9);
        assertThat(figures.temperatureImages()).isEqualTo(112);
        assertThat(figures.images()).isEqualTo(338);
        assertThat(figures.logLossAfter()).isLessThan(figures.logLossBefore());
        assertThat(figures.errorAfter()).isLessThan(figures.errorBefore());
        assertThat(figures.toString()).contains("temperature ").contains("coverage");
        assertThat(calibrated.evaluate(TEST).logLoss())
                .isLessThan(fitted.evaluate(TEST).logLoss());
        assertThat(calibrated.evaluate(TEST).expectedCalibrationError())
                .isLessThan(fitted.evaluate(TEST).expectedCalibrationError());
    }

    @Test
    void theClassesStayTheSame() {
        assertThat(calibrated.predict(TEST).stream().map(Prediction::label))
                .containsExactlyElementsOf(
                        fitted.predict(TEST).stream().map(Prediction::label).toList());
        assertThat(calibrated.evaluate(TEST).accuracy())
                .isEqualTo(fitted.evaluate(TEST).accuracy());
    }

    @Test
    void setsHaveTheActualClassAsOftenAsWanted() {
        List<Prediction> predictions = calibrated.predict(TEST);
        Calibration figures = calibrated.calibration().orElseThrow();
        for (Calibration.SetSize expected : figures.sets()) {
            double covered = 0;
            double size = 0;
            for (int i = 0; i < predictions.size(); i++) {
                List<String> set = predictions.get(i).set(expected.coverage());
                covered += set.contains(TEST.label(i)) ? 1 : 0;
                size += set.size();
                assertThat(set).isSubsetOf(predictions.get(i).set(0.995));
            }
            // four standard deviations of 338 held-out and 898 test images
            double spread = Math.sqrt(expected.coverage() * (1 - expected.coverage()) * (1 / 338.0 + 1 / 898.0));
            assertThat(covered / predictions.size())
                    .as("%s", expected)
                    .isBetween(expected.coverage() - 4 * spread, Math.min(1, expected.coverage() + 4 * spread));
            assertThat(size / predictions.size()).isCloseTo(expected.meanSize(), within(0.5));
        }
        assertThat(figures.sets()).extracting(Calibration.SetSize::coverage).endsWith(0.99, 0.995);
    }

    @Test
    void aCoverageWithoutEnoughImagesIsRefused() {
        Prediction prediction = calibrated.predict(TEST.image(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction.set(0.999))
                .withMessageContaining("999 held-out images or more")
                .withMessageContaining("got 338");
        for (double coverage : new double[] {0, 1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> prediction.set(coverage))
                    .withMessageContaining("above 0 and below 1, got " + coverage);
        }
    }

    @Test
    void setsOfOthersNameWhatIsMissing() {
        Prediction prediction = fitted.predict(TEST.image(0));
        assertThatIllegalStateException()
                .isThrownBy(() -> prediction.set(0.95))
                .withMessageContaining("ImageClassifier.calibrate");
        assertThat(fitted.calibration()).isEmpty();
    }

    @Test
    void aFileHasItAll() {
        Path file = folder.resolve("calibrated.t4j");
        calibrated.save(file);
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(loaded.calibration()).isEqualTo(calibrated.calibration());
            List<Prediction> before = calibrated.predict(TEST.limit(100));
            List<Prediction> after = loaded.predict(TEST.limit(100));
            for (int i = 0; i < 100; i++) {
                assertThat(after.get(i).top(10)).isEqualTo(before.get(i).top(10));
                for (double coverage : new double[] {0.5, 0.95, 0.993}) {
                    assertThat(after.get(i).set(coverage))
                            .isEqualTo(before.get(i).set(coverage));
                }
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> after.get(0).set(0.999))
                    .withMessageContaining("got 338");
        }
    }

    @Test
    void onnxRuntimeGivesCalibratedProbabilities() throws OrtException {
        Path file = folder.resolve("calibrated.onnx");
        calibrated.exportOnnx(file);
        Calibration figures = calibrated.calibration().orElseThrow();
        try (OnnxModel model = OnnxModel.load(file)) {
            assertSame(model.run(resized()));
            assertThat(model.metadata()).containsEntry("temperature", String.valueOf(figures.temperature()));
            assertThat(model.metadata().get("set_probabilities"))
                    .contains("\"0.95\":" + figures.sets().get(3).leastProbability());
        }
        fitted.exportOnnx(file);
        try (OnnxModel model = OnnxModel.load(file)) {
            assertThat(model.metadata()).doesNotContainKeys("temperature", "set_probabilities");
        }
    }

    /** The pixels of five test images in the size of the network. */
    private static INDArray resized() {
        return TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .unfreezeAll()
                .preprocessing(ImagePreprocessing.none())
                .features(TEST.limit(5));
    }

    private static void assertSame(INDArray probabilities) {
        List<Prediction> predictions = calibrated.predict(TEST.limit(5));
        for (int i = 0; i < 5; i++) {
            for (ClassScore score : predictions.get(i).top(10)) {
                assertThat(probabilities.getDouble(i, score.classIndex())).isCloseTo(score.probability(), within(1e-5));
            }
        }
    }

    @Test
    void theGraphForDl4jGivesCalibratedProbabilities() {
        INDArray images = ImagePreprocessing.tf().apply(resized());
        ComputationGraph graph = calibrated.toComputationGraph();
        assertSame(graph.outputSingle(images));
        graph.close();
    }

    /** As it was before: neither weights nor probabilities are those of the temperature. */
    @Test
    void aFurtherTrainingBeginsWithoutIt() {
        List<String> lines = LogCapture.warningsOf(() -> {
            try (ImageClassifier probed =
                    calibrated.learner().head(Head.globalAveragePooling()).probe(HELD_OUT)) {
                assertThat(probed.calibration()).isEmpty();
            }
        });
        assertThat(lines)
                .filteredOn(line -> line.contains("before its calibration"))
                .hasSize(1);
    }

    /** Noise and pictures are no digits; of digits 95% are known, to four standard deviations of 450 and 898 images. */
    @ParameterizedTest
    @EnumSource
    void whatIsUnlikeTheTrainingImagesIsUnknown(NoveltyScore score) {
        try (ImageClassifier judge = fitted.calibrate(HELD_OUT, training, score)) {
            assertThat(judge.calibration().orElseThrow().novelty()).isEqualTo(new Calibration.Novelty(score, 80, 450));
            assertThat(judge.calibration().orElseThrow().temperature())
                    .isEqualTo(calibrated.calibration().orElseThrow().temperature());
            List<Prediction> predictions = judge.predict(TEST);
            assertThat(predictions.stream().filter(Prediction::isKnown).count() / 898.0)
                    .isBetween(0.90, 0.99);
            assertThat(predictions.stream()
                            .filter(prediction -> prediction.isKnown(0.5))
                            .count())
                    .isLessThan(600);
            assertThat(judge.predict(noise(40))).noneMatch(Prediction::isKnown);
            assertThat(judge.predict(noise(1)).get(0).novelty())
                    .isGreaterThan(predictions.stream()
                            .mapToDouble(Prediction::novelty)
                            .average()
                            .orElseThrow());
            assertThat(judge.predict(Pictures.dataset(10))).noneMatch(Prediction::isKnown);
            for (int i = 0; i < 5; i++) {
                assertThat(judge.predict(TEST.image(i)).isKnown())
                        .isEqualTo(predictions.get(i).isKnown());
            }
            Path file = folder.resolve(score + ".t4j");
            judge.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.calibration()).isEqualTo(judge.calibration());
                assertThat(loaded.predict(TEST).stream().map(Prediction::isKnown))
                        .containsExactlyElementsOf(
                                predictions.stream().map(Prediction::isKnown).toList());
            }
        }
    }

    private static ImageDataset noise(int images) {
        SplittableRandom random = new SplittableRandom(7);
        INDArray values = Nd4j.zeros(images, 3, 8, 8);
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, random.nextInt(256));
        }
        return ImageDataset.of(values, new int[images]);
    }

    @Test
    void whoKnowsNoTrainingImagesNamesWhatIsMissing() {
        for (ImageClassifier other : List.of(fitted, calibrated)) {
            Prediction prediction = other.predict(TEST.image(0));
            assertThatIllegalStateException()
                    .isThrownBy(prediction::isKnown)
                    .withMessageContaining("calibrate(heldOut, training)");
            assertThatIllegalStateException().isThrownBy(prediction::novelty);
        }
    }

    @Test
    void trainingImagesThatSayNothingAreRefusedBeforeAnyWork() {
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT, training.limit(10)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("more of them are needed than there are classes, 10, got 10");
        ImageDataset unknown = ImageDataset.of(Nd4j.zeros(1, 3, 8, 8), List.of("cat"));
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT, unknown))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("training data may only have classes that were learned");
        try (ImageClassifier whole = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .unfreezeAll()
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> whole.calibrate(Pictures.dataset(40), Pictures.dataset(8)))
                    .withMessageContaining(
                            "nothing of this network is frozen: calibrate(heldOut) alone gives temperature");
            try (ImageClassifier sets = whole.calibrate(Pictures.dataset(40))) {
                assertThat(sets.predict(Pictures.array(1)).set(0.95)).isNotNull();
            }
        }
    }

    /** A flattening head, at whose cut there is a vector. */
    @Test
    void whatAHeadFlattensIsComparedByChannels() {
        try (ImageClassifier flat = TransferLearner.of(TinyBackbones.plain())
                        .weights(Weights.random())
                        .head(Head.flatten())
                        .epochs(1)
                        .fit(Pictures.dataset(8));
                ImageClassifier pooled = TransferLearner.of(TinyBackbones.plain())
                        .weights(Weights.random())
                        .head(Head.globalAveragePooling())
                        .epochs(1)
                        .fit(Pictures.dataset(8));
                ImageClassifier first = flat.calibrate(Pictures.dataset(40), Pictures.dataset(60));
                ImageClassifier second = pooled.calibrate(Pictures.dataset(40), Pictures.dataset(60))) {
            for (double coverage = 0.05; coverage < 0.95; coverage += 0.05) {
                double part = coverage;
                assertThat(first.predict(Pictures.dataset(40)).stream().map(prediction -> prediction.isKnown(part)))
                        .containsExactlyElementsOf(second.predict(Pictures.dataset(40)).stream()
                                .map(prediction -> prediction.isKnown(part))
                                .toList());
            }
        }
    }

    @Test
    void eachOwnerClosesItsOwn() {
        INDArray image = TEST.image(3);
        ImageClassifier first = fitted.calibrate(HELD_OUT);
        ImageClassifier second = first.calibrate(HELD_OUT.limit(100));
        first.close();
        first.close();
        assertThatIllegalStateException().isThrownBy(() -> first.predict(image));
        assertThat(second.predict(image).label())
                .isEqualTo(fitted.predict(image).label());
        assertThat(second.calibration().orElseThrow().images()).isEqualTo(75);
        second.close();
        assertThat(calibrated.predict(image).label())
                .isEqualTo(fitted.predict(image).label());
    }

    @Test
    void theSameImagesGiveTheSame() {
        try (ImageClassifier again = fitted.calibrate(HELD_OUT)) {
            assertThat(again.calibration()).isEqualTo(calibrated.calibration());
        }
    }

    @Test
    void whatDoesNotSufficeIsRefusedBeforeAnyWork() {
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT.limit(1)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("25 held-out images or more")
                .hasMessageContaining("19 for sets that cover 95%, got 1");
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT.limit(24)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("got 24");
        int[] ones = IntStream.range(0, HELD_OUT.size())
                .filter(i -> HELD_OUT.label(i).equals("1"))
                .toArray();
        assertThatThrownBy(() -> fitted.calibrate(HELD_OUT.select(ones)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 classes or more, got [1] alone");
        List<String> labels =
                IntStream.range(0, 30).mapToObj(i -> i % 2 == 0 ? "1" : "cat").toList();
        ImageDataset unknown = ImageDataset.of(Nd4j.zeros(30, 3, 8, 8), labels);
        assertThatThrownBy(() -> fitted.calibrate(unknown))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("held-out data may only have classes that were learned")
                .hasMessageContaining("unknown: [cat]");
    }

    @Test
    void twentyFiveImagesAreEnough() {
        try (ImageClassifier few = fitted.calibrate(HELD_OUT.limit(25))) {
            assertThat(few.predict(TEST.image(0)).set(0.95)).hasSizeLessThanOrEqualTo(10);
            assertThat(few.calibration().orElseThrow().images()).isEqualTo(19);
        }
    }

    @Test
    void anInterruptionEndsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> fitted.calibrate(HELD_OUT)).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(fitted.predict(TEST.image(0)).label()).isNotEmpty();
    }
}
