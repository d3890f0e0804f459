package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Metric;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** A regressor, from data to file. */
class RegressionFitTest {
    private static final int COUNT = 24;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .head(Head.globalAveragePooling().dense(8))
            .optimizer(Optimizer.adam(1e-2))
            .batchSize(5)
            .epochs(3);

    /** Mean red of an image less mean blue, far from zero, and something of another size. */
    private static double[] targets(int number) {
        INDArray image = Pictures.array(number);
        double red = image.slice(0).slice(0).meanNumber().doubleValue();
        double blue = image.slice(0).slice(2).meanNumber().doubleValue();
        return new double[] {5000 + red - blue, 1e-3 * (number % 2 + number % 5)};
    }

    private static RegressionDataset data(int count) {
        return RegressionDataset.of(
                        Pictures.dataset(count),
                        IntStream.range(0, count)
                                .mapToObj(RegressionFitTest::targets)
                                .toArray(double[][]::new))
                .named("redness", "small");
    }

    private static RegressionDataset redness(int count) {
        return RegressionDataset.of(
                        Pictures.dataset(count),
                        IntStream.range(0, count)
                                .mapToDouble(i -> targets(i)[0])
                                .toArray())
                .named("redness");
    }

    private static Map<String, List<Integer>> bits(ImageRegressor regressor) {
        return Bits.of(regressor.toComputationGraph());
    }

    private static void assertSame(ImageRegressor regressor, ImageRegressor expected) {
        assertThat(bits(regressor)).isEqualTo(bits(expected));
        assertThat(regressor.history().withoutTiming())
                .isEqualTo(expected.history().withoutTiming());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsUnlikeTheTrainingImagesIsTold(NoveltyScore score, @TempDir Path folder) {
        Path file = folder.resolve("knowing.t4j");
        RegressionDataset heldOut = redness(80).select(IntStream.range(40, 80).toArray());
        try (ImageRegressor plain = learner.fit(redness(40));
                ImageRegressor knowing = plain.calibrate(heldOut, redness(40), score)) {
            List<RegressionPrediction> known = knowing.predict(heldOut.images());
            // of 40 the one of rank ceil(41 * 0.95) is the 39th
            assertThat(known.stream().filter(RegressionPrediction::isKnown)).hasSize(39);
            assertThat(known.stream().filter(one -> one.isKnown(0.5))).hasSize(21);
            ImageDataset digits = SampleDatasets.digits().limit(20);
            assertThat(knowing.predict(digits)).noneMatch(RegressionPrediction::isKnown);
            assertThat(knowing.evaluate(heldOut).toJson())
                    .isEqualTo(plain.evaluate(heldOut).toJson());
            knowing.save(file);
            try (ImageRegressor loaded = ImageRegressor.load(file)) {
                assertThat(loaded.predict(heldOut.images()).stream().map(RegressionPrediction::novelty))
                        .isEqualTo(known.stream()
                                .map(RegressionPrediction::novelty)
                                .toList());
            }
            RegressionPrediction asked = plain.predict(digits.image(0));
            assertThatIllegalStateException()
                    .isThrownBy(asked::isKnown)
                    .withMessageContaining("calibrate(heldOut, training)");
            assertThatIllegalStateException().isThrownBy(asked::novelty);
            assertThatThrownBy(() -> plain.calibrate(redness(18), redness(40)))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("from 19 held-out images or more, got 18");
            assertThatThrownBy(() -> plain.calibrate(heldOut, redness(1)))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("2 of them or more are needed, got 1");
        }
        try (ImageRegressor whole = learner.unfreezeAll().epochs(1).fit(redness(10))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> whole.calibrate(heldOut, redness(10)))
                    .withMessageContaining("nothing of this network is frozen");
        }
    }

    static Stream<Loss> losses() {
        return Stream.of(Loss.meanSquaredError(), Loss.meanAbsoluteError(), Loss.huber(0.5));
    }

    /** The head is one that nothing was said of but how it begins; the default of the backbone would do. */
    @ParameterizedTest
    @MethodSource("losses")
    void itLearnsNumbersInTheirUnits(Loss loss) {
        try (ImageRegressor regressor =
                learner.head(Head.globalAveragePooling()).loss(loss).epochs(150).fit(redness(40))) {
            RegressionReport report = regressor.evaluate(redness(50).select(40, 41, 42, 43, 44, 45, 46, 47, 48, 49));
            assertThat(report.r2()).isGreaterThan(0.9);
            assertThat(report.target("redness").meanAbsoluteError()).isLessThan(30);
            assertThat(regressor.targetNames()).containsExactly("redness");
            assertThat(regressor.predict(Pictures.image(50)).value()).isCloseTo(targets(50)[0], within(60.0));
            assertThat(regressor.predict(Pictures.image(51)).value()).isCloseTo(targets(51)[0], within(60.0));
            assertThat(regressor.history().last().orElseThrow().accuracy()).isNaN();
            // 1 is what the mean alone gives
            assertThat(regressor.history().epochs().get(149).loss()).isLessThan(0.3);
        }
    }

    @Test
    void everyWayToHandOverAnImageGivesTheSame() throws IOException {
        byte[] png = Pictures.png(3);
        try (ImageRegressor regressor = learner.fit(data(COUNT));
                ByteArrayInputStream stream = new ByteArrayInputStream(png)) {
            RegressionPrediction prediction = regressor.predict(png);
            assertThat(prediction.values()).containsOnlyKeys("redness", "small");
            assertThat(prediction.value("redness"))
                    .isEqualTo(prediction.values().get("redness"));
            assertThat(regressor.predict(stream).values()).isEqualTo(prediction.values());
            assertThat(regressor.predict(Pictures.image(3)).values()).isEqualTo(prediction.values());
            assertThat(regressor.predict(Pictures.array(3)).values()).isEqualTo(prediction.values());
            assertThat(regressor.predict(data(COUNT).images()).get(3).value("redness"))
                    .isCloseTo(prediction.value("redness"), within(1e-2));
            assertThat(prediction).asString().startsWith("redness ").contains(", small ");
            assertThatIllegalStateException()
                    .isThrownBy(prediction::value)
                    .withMessageContaining("several numbers, [redness, small]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> prediction.value("size"))
                    .withMessageContaining("no target \"size\"; it has [redness, small]");
        }
    }

    @Test
    void aClosedOneSaysSo() {
        ImageRegressor regressor = learner.epochs(1).fit(data(4));
        regressor.close();
        regressor.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> regressor.predict(Pictures.png(3)))
                .withMessage("the regressor is closed");
        assertThatIllegalStateException().isThrownBy(() -> regressor.save(Path.of("nowhere.t4j")));
    }

    /** A mean squared error of standardized targets says how much of the variance is left. */
    @Test
    void validationIsWhatTheReportSays() {
        RegressionDataset all = redness(30);
        int[] training = IntStream.range(0, COUNT).toArray();
        RegressionDataset held = all.select(24, 25, 26, 27, 28, 29);
        try (ImageRegressor regressor = learner.validation(held).fit(all.select(training))) {
            double[] values =
                    IntStream.of(training).mapToDouble(i -> all.targets(i)[0]).toArray();
            double mean =
                    IntStream.of(training).mapToDouble(i -> values[i]).average().orElseThrow();
            double variance = IntStream.of(training)
                    .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
                    .average()
                    .orElseThrow();
            double error = regressor.evaluate(held).rootMeanSquaredError();
            double loss =
                    regressor.history().last().orElseThrow().validationLoss().orElseThrow();
            assertThat(loss).isCloseTo(error * error / variance, within(1e-4));
            assertThat(regressor.history())
                    .asString()
                    .doesNotContain("accuracy")
                    .contains("val_loss");
        }
    }

    /** The same names in another order mean the same. */
    @Test
    void targetsAreKnownByTheirNames() {
        double[][] turned = IntStream.range(0, COUNT)
                .mapToObj(i -> new double[] {targets(i)[1], targets(i)[0]})
                .toArray(double[][]::new);
        RegressionDataset other =
                RegressionDataset.of(Pictures.dataset(COUNT), turned).named("small", "redness");
        try (ImageRegressor regressor = learner.validation(other).fit(data(COUNT));
                ImageRegressor same = learner.validation(data(COUNT)).fit(data(COUNT))) {
            assertSame(regressor, same);
            assertThat(regressor.evaluate(other).toJson())
                    .isEqualTo(regressor.evaluate(data(COUNT)).toJson());
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> regressor.evaluate(redness(4)))
                    .withMessageContaining("evaluation data must have the targets [redness, small], but has [redness]");
        }
    }

    static Stream<UnaryOperator<TransferLearner>> kinds() {
        return Stream.of(
                learner -> learner,
                learner -> learner.validationSplit(0.25)
                        .earlyStopping(EarlyStopping.patience(2))
                        .averageWeights(0.9),
                learner -> learner.freezeUpTo("pool1").loss(Loss.huber(1)),
                learner -> learner.augmentation(
                        Augmentation.none().horizontalFlip().mixUp(0.4)),
                learner -> learner.unfreezeAll()
                        .augmentation(Augmentation.none().cutMix(1))
                        .loss(Loss.meanAbsoluteError()),
                learner -> learner.fineTune(
                        Phase.head().epochs(1), Phase.from("conv2").epochs(2)));
    }

    /** With a process that dies in between, twice. */
    @ParameterizedTest
    @MethodSource("kinds")
    void theSameTrainingGivesTheSameBitsAlsoFromItsCheckpoint(
            UnaryOperator<TransferLearner> kind, @TempDir Path folder) {
        TransferLearner whole = kind.apply(learner);
        TransferLearner kept = whole.checkpoints(Checkpoints.in(folder));
        for (int step : new int[] {3, 8}) {
            assertThatThrownBy(() -> kept.listener(new FitListener() {
                                @Override
                                public void batchFinished(long iteration, long images, double loss) {
                                    if (iteration == step) {
                                        throw new CancellationException("killed");
                                    }
                                }
                            })
                            .fit(data(COUNT)))
                    .isInstanceOf(TrainingStoppedException.class)
                    .hasMessageContaining("killed");
        }
        try (ImageRegressor resumed = kept.fit(data(COUNT));
                ImageRegressor uninterrupted = whole.fit(data(COUNT))) {
            assertSame(resumed, uninterrupted);
        }
    }

    @Test
    void otherNumbersNamesOrLossesAreAnotherTraining(@TempDir Path folder) {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        kept.fit(redness(COUNT)).close();
        double[] others =
                IntStream.range(0, COUNT).mapToDouble(i -> targets(i)[0]).toArray();
        others[5] += 1;
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> kept.fit(
                        RegressionDataset.of(Pictures.dataset(COUNT), others).named("redness")))
                .withMessageContaining("training images");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> kept.fit(redness(COUNT).named("blue")))
                .withMessageContaining("classes is [redness] there, and [blue] here");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> kept.loss(Loss.huber(1)).fit(redness(COUNT)))
                .withMessageContaining("loss is mean squared error there, and Huber's loss, delta 1.0 here");
    }

    /** A model of a training that goes on gives the targets' units, and the training knows nothing of it. */
    @Test
    void modelsOfTheEpochsGiveTheUnitsToo(@TempDir Path folder) {
        TransferLearner keeping = learner.checkpoints(Checkpoints.in(folder).modelEvery(1));
        try (ImageRegressor kept = keeping.fit(data(COUNT));
                ImageRegressor plain = learner.fit(data(COUNT));
                ImageRegressor first = ImageRegressor.load(folder.resolve("epoch-0001.t4j"));
                ImageRegressor last = ImageRegressor.load(folder.resolve("epoch-0003.t4j"))) {
            assertSame(kept, plain);
            assertThat(bits(last)).isEqualTo(bits(plain));
            assertThat(first.predict(Pictures.image(0)).value("redness")).isBetween(4000.0, 6000.0);
        }
    }

    @Test
    void aCacheOfFeaturesMakesNoDifference(@TempDir Path folder) {
        TransferLearner cached = learner.featureCache(FeatureCache.in(folder));
        try (ImageRegressor expected = learner.fit(data(COUNT));
                ImageRegressor first = cached.fit(data(COUNT));
                ImageRegressor second = cached.fit(data(COUNT))) {
            assertSame(first, expected);
            assertSame(second, expected);
        }
    }

    @Test
    void itIsSavedLoadedAndTrainedOn(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageRegressor first = learner.loss(Loss.huber(0.75)).fit(data(COUNT))) {
            first.save(file);
            try (ImageRegressor loaded = ImageRegressor.load(file)) {
                assertThat(bits(loaded)).isEqualTo(bits(first));
                assertThat(loaded.targetNames()).containsExactly("redness", "small");
                assertThat(loaded.predict(data(COUNT).images()).toString())
                        .isEqualTo(first.predict(data(COUNT).images()).toString());
                assertThat(loaded.evaluate(data(COUNT)).toJson())
                        .isEqualTo(first.evaluate(data(COUNT)).toJson());
                TransferLearner further = loaded.learner().epochs(1);
                assertThat(further.toString()).contains("Linear[targets of the data]");
                assertThat(loaded.summary()).isEqualTo(first.summary());
                // other numbers, on another scale
                double[][] some = IntStream.range(0, 8)
                        .mapToObj(i -> new double[] {4000 + 3.0 * i, i % 3})
                        .toArray(double[][]::new);
                RegressionDataset others =
                        RegressionDataset.of(Pictures.dataset(8), some).named("redness", "small");
                try (ImageRegressor still =
                        further.optimizer(Optimizer.sgd(1e-30)).fit(others)) {
                    List<RegressionPrediction> before = first.predict(others.images());
                    List<RegressionPrediction> after = still.predict(others.images());
                    for (int i = 0; i < 8; i++) {
                        assertThat(after.get(i).value("redness"))
                                .isCloseTo(before.get(i).value("redness"), within(0.02));
                        assertThat(after.get(i).value("small"))
                                .isCloseTo(before.get(i).value("small"), within(1e-6));
                    }
                    assertThat(still.history().epochs()).hasSize(4);
                    assertThat(still.learner().toString())
                            .isEqualTo(further.optimizer(Optimizer.sgd(1e-30)).toString());
                }
                assertThatExceptionOfType(DatasetException.class)
                        .isThrownBy(() -> further.fit(redness(8)))
                        .withMessageContaining("must have the targets [redness, small], but has [redness]");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aFileKnowsItsLoss(Loss loss, @TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageRegressor regressor = learner.epochs(1).loss(loss).fit(redness(6))) {
            regressor.save(file);
        }
        try (ImageRegressor loaded = ImageRegressor.load(file)) {
            assertThat(loaded.learner().settings().training().loss().orElseThrow())
                    .hasToString(loss.toString());
        }
    }

    /** Neither of the numbers that each image has of its own, nor of anything else. */
    @Test
    void anOrdinaryFitWarnsOfNothing() {
        List<String> warnings = LogCapture.warningsOf(() -> {
            try (ImageRegressor regressor = learner.validationSplit(0.3).fit(data(COUNT))) {
                regressor.evaluate(data(30).limit(5));
                regressor.predict(data(30).images().limit(5));
            }
        });
        assertThat(warnings).isEmpty();
    }

    /** Two phases and two fits by hand, but for the rounding of what is folded in between. */
    @Test
    void goingOnIsLikeASecondPhase() {
        TransferLearner once =
                learner.fineTune(Phase.head().epochs(2), Phase.from("conv2").epochs(2));
        try (ImageRegressor both = once.fit(redness(COUNT));
                ImageRegressor first = learner.epochs(2).fit(redness(COUNT));
                ImageRegressor second =
                        first.learner().freezeUpTo("pool1").epochs(2).fit(redness(COUNT))) {
            for (int i = 0; i < 4; i++) {
                assertThat(second.predict(Pictures.image(i)).value())
                        .isCloseTo(both.predict(Pictures.image(i)).value(), within(0.05));
            }
        }
    }

    /** A backbone that learned classes goes on to numbers, and the other way round. */
    @Test
    void theOutputLayerBeginsAnewForTheOtherKind() {
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(COUNT));
                ImageRegressor regressor = classifier
                        .learner()
                        .head(Head.globalAveragePooling().dense(8).regression())
                        .epochs(2)
                        .fit(data(COUNT));
                ImageClassifier again = regressor
                        .learner()
                        .head(Head.globalAveragePooling().dense(8))
                        .epochs(1)
                        .fit(Pictures.dataset(COUNT))) {
            assertThat(regressor.targetNames()).containsExactly("redness", "small");
            assertThat(regressor.predict(Pictures.image(0)).value("redness")).isBetween(4000.0, 6000.0);
            assertThat(again.classNames()).containsExactly("blue", "red");
            assertThat(again.predict(Pictures.image(0)).probability("blue")).isBetween(0.0, 1.0);
            assertThat(again.history().epochs()).hasSize(6);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> classifier.learner().fit(data(COUNT)))
                    .withMessageContaining("Head....regression()");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> regressor.learner().fit(Pictures.dataset(4)))
                    .withMessageContaining("a regression head gives numbers: it is fitted to a RegressionDataset");
        }
    }

    @Test
    void aFileOfTheOtherKindIsNamedForWhatItIs(@TempDir Path folder) {
        Path classes = folder.resolve("classes.t4j");
        Path numbers = folder.resolve("numbers.t4j");
        try (ImageClassifier classifier = learner.epochs(1).fit(Pictures.dataset(4));
                ImageRegressor regressor = learner.epochs(1).fit(redness(4))) {
            classifier.save(classes);
            regressor.save(numbers);
        }
        assertThatExceptionOfType(ModelFileException.class)
                .isThrownBy(() -> ImageRegressor.load(classes))
                .withMessageContaining(classes.toString())
                .withMessageContaining("holds a classifier of the classes [blue, red]: ImageClassifier.load reads it");
        assertThatExceptionOfType(ModelFileException.class)
                .isThrownBy(() -> ImageClassifier.load(numbers))
                .withMessageContaining(
                        "holds a regressor, which gives the numbers [redness]: ImageRegressor.load reads it");
    }

    @Test
    void theSameTrainingGivesTheSameFile(@TempDir Path folder) throws IOException {
        Path one = folder.resolve("one.t4j");
        Path two = folder.resolve("two.t4j");
        for (Path file : List.of(one, two)) {
            try (ImageRegressor regressor = learner.fit(data(COUNT))) {
                regressor.save(file);
            }
        }
        assertThat(Files.mismatch(one, two)).isEqualTo(-1);
    }

    @Test
    void theWholeNetworkInDl4jIsLinearWithMeanSquaredError() {
        try (ImageRegressor regressor =
                learner.preprocessing(ImagePreprocessing.none()).fit(data(COUNT))) {
            ComputationGraph graph = regressor.toComputationGraph();
            OutputLayer output =
                    (OutputLayer) graph.getLayer("predictions").conf().getLayer();
            assertThat(output.getActivationFn()).isInstanceOf(ActivationIdentity.class);
            assertThat(output.getLossFn()).isInstanceOf(LossMSE.class);
            RegressionPrediction expected = regressor.predict(Pictures.array(2));
            INDArray numbers = graph.outputSingle(Pictures.array(2));
            assertThat(numbers.getDouble(0, 0)).isCloseTo(expected.value("redness"), within(1e-2));
            assertThat(numbers.getDouble(0, 1)).isCloseTo(expected.value("small"), within(1e-6));
        }
    }

    @Test
    void theOnnxModelGivesTheUnits(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.onnx");
        try (ImageRegressor regressor = learner.fit(data(COUNT))) {
            regressor.exportOnnx(file);
            try (OnnxModel model = OnnxModel.of(Files.readAllBytes(file))) {
                RegressionPrediction expected = regressor.predict(Pictures.array(1));
                float[] numbers = model.run(Pictures.array(1)).toFloatVector();
                assertThat((double) numbers[0]).isCloseTo(expected.value("redness"), within(1e-2));
                assertThat((double) numbers[1]).isCloseTo(expected.value("small"), within(1e-6));
                assertThat(model.outputName()).isEqualTo("numbers");
                assertThat(model.metadata())
                        .containsEntry("targets", "[\"redness\",\"small\"]")
                        .containsEntry("output_activation", "identity")
                        .doesNotContainKey("labels");
            }
        }
    }

    @Test
    void theBestEpochIsKept() {
        TransferLearner stopping = learner.validation(redness(9))
                .optimizer(Optimizer.sgd(0.3))
                .epochs(12)
                .earlyStopping(EarlyStopping.patience(2));
        try (ImageRegressor regressor = stopping.fit(redness(COUNT));
                ImageRegressor none = stopping.epochs(1).fit(redness(COUNT))) {
            double best = regressor.history().epochs().stream()
                    .map(record -> record.validationLoss().orElseThrow())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            double error = regressor.evaluate(redness(9)).rootMeanSquaredError();
            double first = none.evaluate(redness(9)).rootMeanSquaredError();
            double ratio = none.history().epochs().get(0).validationLoss().orElseThrow() / (first * first);
            assertThat(error * error * ratio).isCloseTo(best, within(1e-4));
        }
    }

    /** What the log of the epochs and the picture say has no accuracy. */
    @Test
    void historiesHaveLossesAlone(@TempDir Path folder) {
        try (ImageRegressor regressor = learner.validationSplit(0.2).fit(redness(20))) {
            assertThat(regressor.history().toSvg().split("<svg", -1)).hasSize(2);
            regressor.history().plot(folder.resolve("history.png"));
            assertThat(folder.resolve("history.png")).isNotEmptyFile();
            assertThat(regressor.history().toString().lines().findFirst().orElseThrow())
                    .contains("loss", "val_loss")
                    .doesNotContain("accuracy");
        }
    }

    @Test
    void listenersOfDl4jHearOfIt() {
        List<Double> scores = new ArrayList<>();
        BaseTrainingListener listener = new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                scores.add(model.score());
            }
        };
        try (ImageRegressor heard = learner.listener(listener).fit(redness(COUNT));
                ImageRegressor unheard = learner.fit(redness(COUNT))) {
            assertThat(scores).hasSize(15).allSatisfy(score -> assertThat(score).isPositive());
            assertThat(heard.predict(Pictures.image(1)).value())
                    .isCloseTo(unheard.predict(Pictures.image(1)).value(), within(0.05));
        }
    }

    @Test
    void aLearningRateIsFoundAndAFitIsEstimated() {
        assertThat(learner.learningRateFinder(data(COUNT)).losses()).hasSizeGreaterThan(10);
        assertThat(learner.estimate(data(COUNT)).trainingImages()).isEqualTo(COUNT);
    }

    @Test
    void aTrainingThatDivergesGivesWhatItHad() {
        assertThatExceptionOfType(TrainingStoppedException.class)
                .isThrownBy(() -> learner.optimizer(Optimizer.sgd(1e30)).fit(redness(COUNT)))
                .satisfies(stopped -> {
                    try (ImageRegressor regressor = stopped.regressor()) {
                        assertThat(regressor.predict(Pictures.image(0)).value()).isBetween(4000.0, 6000.0);
                    }
                    assertThatIllegalStateException()
                            .isThrownBy(stopped::classifier)
                            .withMessageContaining("regressor() has them");
                });
        assertThatExceptionOfType(TrainingStoppedException.class)
                .isThrownBy(() -> learner.listener(new FitListener() {
                            @Override
                            public void batchFinished(long iteration, long images, double loss) {
                                throw new CancellationException("enough");
                            }
                        })
                        .fit(Pictures.dataset(COUNT)))
                .satisfies(stopped -> {
                    stopped.classifier().close();
                    assertThatIllegalStateException().isThrownBy(stopped::regressor);
                });
    }

    @Test
    void whatContradictsNumbersIsRefusedBeforeAnyWork() {
        RecordingListener recording = new RecordingListener();
        TransferLearner listened = learner.listener(recording);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten().classes(3)).fit(data(6)))
                .withMessageContaining("a RegressionDataset needs a head that gives numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten().multiLabel()).fit(data(6)))
                .withMessageContaining("a RegressionDataset needs a head that gives numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten().regression(3)).fit(data(6)))
                .withMessage("the head gives 3 numbers, the data has 2 targets: [redness, small]");
        TransferLearner numbers = listened.head(Head.flatten().regression());
        String forNumbers = "a regression head gives numbers: it is fitted to a RegressionDataset";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.fit(Pictures.dataset(4)))
                .withMessageContaining(forNumbers);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.probe(Pictures.dataset(4)))
                .withMessageContaining(forNumbers);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.crossValidate(Pictures.dataset(8), 2))
                .withMessageContaining(forNumbers);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.fit(
                        new ListDataSetIterator<>(List.of(new DataSet(Pictures.arrays(2), Nd4j.ones(2, 1))), 2)))
                .withMessageContaining(forNumbers);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.validation(Pictures.dataset(4)).fit(data(6)))
                .withMessageContaining("a regression head needs a RegressionDataset, but the validation data has");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.validation(data(4)).fit(Pictures.dataset(6)))
                .withMessageContaining("the validation data is a RegressionDataset, whose images have numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.validation(data(4))
                        .head(Head.flatten().multiLabel())
                        .fit(MultiLabelDataset.of(Pictures.dataset(2), List.of(List.of("a"), List.of("b")))))
                .withMessageContaining("the validation data is a RegressionDataset");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.loss(Loss.crossEntropy()).fit(data(6)))
                .withMessageContaining("a regression head is trained with Loss.meanSquaredError()")
                .withMessageContaining("got cross-entropy");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.loss(Loss.huber(1)).fit(Pictures.dataset(6)))
                .withMessageContaining("a softmax head can't be trained with Huber's loss, delta 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten())
                        .loss(Loss.meanSquaredError())
                        .probe(Pictures.dataset(6)))
                .withMessageContaining("got the loss mean squared error");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.classWeights(Map.of("redness", 2.0)).fit(data(6)))
                .withMessageContaining("class weights are of classes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.balancedClassWeights().fit(data(6)))
                .withMessageContaining("class weights are of classes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.validation(data(4))
                        .earlyStopping(EarlyStopping.patience(2).monitor(Metric.VALIDATION_ACCURACY))
                        .fit(data(6)))
                .withMessageContaining("numbers have no accuracy");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.fit(data(1)))
                .withMessageContaining("redness is ")
                .withMessageContaining("for all 1 images of the training data");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.fit(RegressionDataset.of(Pictures.dataset(3), 0.1, 0.1, 0.1)))
                .withMessageContaining("target is 0.1 for all 3 images");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.fit(RegressionDataset.of(Pictures.dataset(3), 1.7e9, 1.7e9 + 3, 1.7e9 + 5)))
                .withMessageContaining("ten steps of a float");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.validation(redness(3)).fit(data(6)))
                .withMessageContaining("validation data must have the targets [redness, small], but has [redness]");
        assertThat(recording.events).noneMatch(event -> event.startsWith("step") || event.startsWith("features"));
    }
}
