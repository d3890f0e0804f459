package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.label.MultiHotLabelEncoder;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Metric;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** A classifier whose images may have several labels, from data to file. */
class MultiLabelFitTest {
    private static final int COUNT = 24;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .head(Head.globalAveragePooling().dense(8).multiLabel())
            .optimizer(Optimizer.adam(1e-2))
            .batchSize(5)
            .epochs(3);

    /** "red" or "blue" by the colour, "third" for every third, and no label at all for every sixth. */
    private static List<Set<String>> labels(int count) {
        List<Set<String>> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String colour = Pictures.labels(count).get(i);
            labels.add(i % 6 == 5 ? Set.of() : i % 3 == 0 ? Set.of(colour, "third") : Set.of(colour));
        }
        return labels;
    }

    private static MultiLabelDataset data(int count) {
        return MultiLabelDataset.of(Pictures.dataset(count), labels(count));
    }

    private static Map<String, List<Integer>> bits(ImageClassifier classifier) {
        return Bits.of(classifier.toComputationGraph());
    }

    private static void assertSame(ImageClassifier classifier, ImageClassifier expected) {
        assertThat(bits(classifier)).isEqualTo(bits(expected));
        assertThat(classifier.history().withoutTiming())
                .isEqualTo(expected.history().withoutTiming());
    }

    @Test
    void itLearnsWhichLabelsAnImageHas() {
        List<List<String>> colours = Pictures.labels(40).stream()
                .map(colour -> colour.equals("red") ? List.of("red", "warm") : List.of("blue"))
                .toList();
        MultiLabelDataset data = MultiLabelDataset.of(Pictures.dataset(40), colours);
        try (ImageClassifier classifier = learner.head(
                        Head.globalAveragePooling().multiLabel())
                .epochs(60)
                .fit(data)) {
            assertThat(classifier.classNames()).containsExactly("blue", "red", "warm");
            assertThat(classifier.predict(Pictures.image(40)).labels()).containsExactlyInAnyOrder("red", "warm");
            assertThat(classifier.predict(Pictures.image(41)).labels()).containsExactly("blue");
            MultiLabelReport report = classifier.evaluate(data);
            assertThat(report.subsetAccuracy()).isEqualTo(1);
            assertThat(report.meanAveragePrecision()).isEqualTo(1);
            assertThat(report.size()).isEqualTo(40);
        }
    }

    /** The figures of the history are those of the report. */
    @Test
    void validationIsWhatTheReportSays() {
        MultiLabelDataset held = data(30).select(24, 25, 26, 27, 28, 29);
        try (ImageClassifier classifier = learner.validation(held).fit(data(COUNT))) {
            MultiLabelReport report = classifier.evaluate(held);
            assertThat(classifier.history().epochs()).hasSize(3);
            assertThat(classifier
                            .history()
                            .last()
                            .orElseThrow()
                            .validationLoss()
                            .orElseThrow())
                    .isCloseTo(report.loss(), within(1e-6));
            assertThat(classifier
                            .history()
                            .last()
                            .orElseThrow()
                            .validationAccuracy()
                            .orElseThrow())
                    .isCloseTo(report.binaryAccuracy(), within(1e-12));
            assertThat(classifier.predict(held.images()).stream()
                            .map(prediction -> prediction.probability("third"))
                            .toList())
                    .allSatisfy(probability -> assertThat(probability).isBetween(0.0, 1.0));
        }
    }

    static Stream<UnaryOperator<TransferLearner>> kinds() {
        return Stream.of(
                learner -> learner,
                learner -> learner.validationSplit(0.25).balancedClassWeights(),
                learner -> learner.freezeUpTo("pool1").classWeights(Map.of("third", 3.0)),
                learner -> learner.augmentation(
                        Augmentation.none().horizontalFlip().mixUp(0.4)),
                learner -> learner.unfreezeAll()
                        .augmentation(Augmentation.none().cutMix(1))
                        .loss(Loss.binaryCrossEntropy().labelSmoothing(0.1)),
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
        try (ImageClassifier resumed = kept.fit(data(COUNT));
                ImageClassifier uninterrupted = whole.fit(data(COUNT))) {
            assertSame(resumed, uninterrupted);
        }
    }

    @Test
    void otherLabelsAreAnotherTraining(@TempDir Path folder) {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        kept.fit(data(COUNT)).close();
        List<Set<String>> others = labels(COUNT);
        others.set(5, Set.of("red"));
        assertThatThrownBy(() -> kept.fit(MultiLabelDataset.of(Pictures.dataset(COUNT), others)))
                .hasMessageContaining("training images");
    }

    @Test
    void aCacheOfFeaturesMakesNoDifference(@TempDir Path folder) {
        TransferLearner cached = learner.featureCache(FeatureCache.in(folder));
        try (ImageClassifier expected = learner.fit(data(COUNT));
                ImageClassifier first = cached.fit(data(COUNT));
                ImageClassifier second = cached.fit(data(COUNT))) {
            assertSame(first, expected);
            assertSame(second, expected);
        }
    }

    @Test
    void variantsOfAnIteratorsImageAreOneImage() {
        INDArray rows = Nd4j.zeros(DataType.FLOAT, 8, 2);
        for (int i = 0; i < 4; i++) {
            rows.putScalar(i, 0, 1);
        }
        NamedIterator half = new NamedIterator(new DataSet(Pictures.arrays(8), rows), List.of("a", "b"));
        try (ImageClassifier classifier =
                learner.augmentation(Augmentation.none().horizontalFlip()).fit(half)) {
            assertThat(classifier.classNames()).containsExactly("a", "b");
        }
    }

    @Test
    void multiHotLabelsOfAnIteratorAreTheSame() {
        INDArray rows = MultiHotLabelEncoder.ofClassNames(List.of("third", "blue", "red"))
                .encode(labels(COUNT));
        List<DataSet> batches = new ArrayList<>();
        for (int from = 0; from < COUNT; from += 7) {
            var some = NDArrayIndex.interval(from, Math.min(COUNT, from + 7));
            batches.add(new DataSet(Pictures.arrays(COUNT).get(some), rows.get(some)));
        }
        NamedIterator iterator = new NamedIterator(batches, List.of("third", "blue", "red"));
        try (ImageClassifier byIterator = learner.validation(iterator).fit(data(COUNT));
                ImageClassifier byDataset = learner.validation(data(COUNT)).fit(data(COUNT))) {
            assertSame(byIterator, byDataset);
        }
        List<DataSet> sorted = new ArrayList<>();
        INDArray inOrder = MultiHotLabelEncoder.ofClassNames(List.of("blue", "red", "third"))
                .encode(labels(COUNT));
        sorted.add(new DataSet(Pictures.arrays(COUNT), inOrder));
        try (ImageClassifier byIterator = learner.fit(new NamedIterator(sorted, List.of("blue", "red", "third")));
                ImageClassifier byDataset = learner.fit(data(COUNT))) {
            assertSame(byIterator, byDataset);
        }
    }

    /** A label that an image has or has not, as "is there a cat". */
    @Test
    void oneLabelIsEnoughWhereSomeImagesAreWithout(@TempDir Path folder) {
        List<Set<String>> labels = Pictures.labels(COUNT).stream()
                .map(colour -> colour.equals("red") ? Set.of("red") : Set.<String>of())
                .toList();
        MultiLabelDataset data = MultiLabelDataset.of(Pictures.dataset(COUNT), labels);
        TransferLearner one = learner.head(Head.globalAveragePooling().multiLabel())
                .validation(data)
                .balancedClassWeights()
                .epochs(60);
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = one.fit(data);
                ImageClassifier named = one.head(
                                Head.globalAveragePooling().multiLabel().classes(1))
                        .fit(data)) {
            assertSame(named, classifier);
            assertThat(classifier.classNames()).containsExactly("red");
            assertThat(classifier.predict(Pictures.image(COUNT)).labels()).containsExactly("red");
            assertThat(classifier.predict(Pictures.image(COUNT + 1)).labels()).isEmpty();
            MultiLabelReport report = classifier.evaluate(data);
            assertThat(report.subsetAccuracy()).isEqualTo(1);
            report.html(folder.resolve("report.html"));
            assertThat(classifier
                            .toComputationGraph()
                            .output(Pictures.arrays(2))[0]
                            .shape())
                    .containsExactly(2, 1);
            classifier.exportOnnx(folder.resolve("model.onnx"));
            classifier.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file);
                    ImageClassifier further = loaded.learner().epochs(1).fit(data);
                    ImageClassifier calibrated = loaded.calibrate(data)) {
                assertThat(bits(loaded)).isEqualTo(bits(classifier));
                assertThat(loaded.evaluate(data).toJson()).isEqualTo(report.toJson());
                assertThat(further.classNames()).containsExactly("red");
                assertThat(calibrated.evaluate(data).subsetAccuracy()).isEqualTo(1);
            }
        }
        assertThat(one.learningRateFinder(data).losses()).isNotEmpty();
    }

    @Test
    void itIsSavedLoadedAndTrainedOn(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier first = learner.fit(data(COUNT))) {
            first.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(bits(loaded)).isEqualTo(bits(first));
                assertThat(loaded.predict(data(COUNT).images()).toString())
                        .isEqualTo(first.predict(data(COUNT).images()).toString());
                assertThat(loaded.evaluate(data(COUNT)).toJson())
                        .isEqualTo(first.evaluate(data(COUNT)).toJson());
                TransferLearner further = loaded.learner().batchSize(5).epochs(1);
                assertThat(further.summary()).isEqualTo(learner.summary());
                // "red" alone is a known class, with another number
                MultiLabelDataset red = MultiLabelDataset.of(
                        Pictures.dataset(8),
                        IntStream.range(0, 8)
                                .mapToObj(i -> i % 2 == 0 ? Set.of("red") : Set.<String>of())
                                .toList());
                try (ImageClassifier still =
                        further.optimizer(Optimizer.sgd(1e-30)).fit(red)) {
                    assertThat(bits(still)).isEqualTo(bits(first));
                    assertThat(still.classNames()).isEqualTo(first.classNames());
                }
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> further.fit(Pictures.dataset(8)))
                        .withMessageContaining("a multi-label head needs a MultiLabelDataset");
            }
        }
    }

    @Test
    void theWholeNetworkInDl4jIsSigmoidWithBinaryCrossEntropy() {
        try (ImageClassifier classifier = learner.fit(data(COUNT))) {
            ComputationGraph graph = classifier.toComputationGraph();
            OutputLayer output =
                    (OutputLayer) graph.getLayer("predictions").conf().getLayer();
            assertThat(output.getActivationFn()).isInstanceOf(ActivationSigmoid.class);
            assertThat(output.getLossFn()).isInstanceOf(LossBinaryXENT.class);
        }
    }

    @Test
    void theBestEpochIsKept() {
        TransferLearner stopping = learner.validation(data(9))
                .optimizer(Optimizer.sgd(2))
                .epochs(12)
                .earlyStopping(EarlyStopping.patience(2).monitor(Metric.VALIDATION_LOSS));
        try (ImageClassifier classifier = stopping.fit(data(COUNT))) {
            double best = classifier.history().epochs().stream()
                    .map(record -> record.validationLoss().orElseThrow())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            assertThat(classifier.evaluate(data(9)).loss()).isCloseTo(best, within(1e-6));
        }
    }

    /** A class that nobody has counts 1. */
    @Test
    void balancedWeightsAreImagesWithoutOverImagesWith() {
        assertThat(data(COUNT).classCounts()).containsExactly(8, 12, 8);
        LabelledSource images = DatasetSource.of(data(COUNT), List.of("blue", "green", "red", "third"), "data");
        assertThat(ClassWeights.BALANCED.in(images, AnswerKind.LABELS))
                .containsExactly(16 / 8.0, 1, 12 / 12.0, 16 / 8.0);
    }

    @Test
    void aLearningRateIsFound() {
        assertThat(learner.learningRateFinder(data(COUNT)).losses()).hasSizeGreaterThan(10);
    }

    @Test
    void whatContradictsTheHeadIsRefusedBeforeAnyWork() {
        RecordingListener recording = new RecordingListener();
        TransferLearner listened = learner.listener(recording);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.fit(Pictures.dataset(4)))
                .withMessageContaining(
                        "a multi-label head needs a MultiLabelDataset, the training data is an ImageDataset");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten()).fit(data(6)))
                .withMessageContaining("a softmax head gives each image one label");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.validation(Pictures.dataset(4)).fit(data(6)))
                .withMessageContaining("the validation data is an ImageDataset");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> listened.head(Head.flatten()).validation(data(6)).fit(Pictures.dataset(4)))
                .withMessageContaining("the validation data is a MultiLabelDataset");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.loss(Loss.focal(2)).fit(data(6)))
                .withMessageContaining("a multi-label head is trained with Loss.binaryCrossEntropy()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.head(Head.flatten())
                        .loss(Loss.binaryCrossEntropy())
                        .fit(Pictures.dataset(4)))
                .withMessageContaining("a softmax head can't be trained with binary cross-entropy");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        listened.head(Head.flatten().multiLabel().classes(4)).fit(data(6)))
                .withMessageContaining("the head has 4 classes, the data has 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listened.classWeights(Map.of("green", 2.0)).fit(data(6)))
                .withMessageContaining("unknown classes: [green]");
        MultiLabelDataset green = MultiLabelDataset.of(Pictures.dataset(2), List.of(Set.of("green"), Set.of()));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.validation(green).fit(data(6)))
                .withMessageContaining("unknown: [green]");
        MultiLabelDataset all = MultiLabelDataset.of(Pictures.dataset(2), List.of(Set.of("green"), Set.of("green")));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> listened.fit(all))
                .withMessage(
                        "a classifier needs images of 2 classes or more, or with a multi-label head images without any:"
                                + " all 2 images of the training data have [green]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Head.flatten().multiLabel().classes(0))
                .withMessage("a head needs 1 class or more, got 0");
        assertThat(recording.events).noneMatch(event -> event.startsWith("step") || event.startsWith("features"));
    }

    @Test
    void labelsOfAnIteratorThatAreNotMultiHotAreRefused() {
        INDArray half = Nd4j.valueArrayOf(new long[] {2, 3}, 0.5f);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        learner.fit(new ListDataSetIterator<>(List.of(new DataSet(Pictures.arrays(2), half)), 2)))
                .withMessageContaining("must be multi-hot, each value 0 or 1");
    }

    @Test
    void aClassifierIsEvaluatedOnDataOfItsKind() {
        ImageDataset single = Pictures.dataset(6);
        try (ImageClassifier several = learner.epochs(1).fit(data(6));
                ImageClassifier one = learner.head(Head.flatten()).epochs(1).fit(single)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> several.evaluate(single))
                    .withMessageContaining("evaluate it on a MultiLabelDataset");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> one.evaluate(data(6)))
                    .withMessageContaining("evaluate it on an ImageDataset");
        }
    }
}
