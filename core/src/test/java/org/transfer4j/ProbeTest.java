package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.head.Probe;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

class ProbeTest {
    private static final DatasetSplit DIGITS = SampleDatasets.digits().split(0.3, 42);
    private static final TransferLearner LEARNER =
            TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool")).head(Head.globalAveragePooling());

    private static ImageClassifier classifier;

    @TempDir
    private Path folder;

    @BeforeAll
    static void probe() {
        classifier = LEARNER.probe(DIGITS.train());
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    @Test
    void digitsAreToldApartWithoutSettings() {
        assertThat(classifier.evaluate(DIGITS.test()).accuracy()).isGreaterThan(0.93);
        assertThat(classifier.classNames()).isEqualTo(DIGITS.train().classNames());
        assertThat(classifier.history().epochs()).isEmpty();
    }

    /** Two images of each class, and one. */
    @Test
    void prototypesDoWithVeryFewImages() {
        ImageDataset digits = DIGITS.train();
        for (int images = 1; images <= 2; images++) {
            int most = images;
            int[] seen = new int[10];
            int[] few = IntStream.range(0, digits.size())
                    .filter(i -> seen[digits.classIndex(i)]++ < most)
                    .toArray();
            try (ImageClassifier prototypes = LEARNER.probe(digits.select(few), Probe.PROTOTYPES)) {
                assertThat(prototypes.evaluate(DIGITS.test()).accuracy()).isGreaterThan(0.45);
                assertThat(prototypes.evaluate(digits.select(few)).accuracy()).isEqualTo(1);
            }
        }
    }

    @Test
    void itIsSavedAndLoaded() {
        Path file = folder.resolve("probe.t4j");
        classifier.save(file);
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertSamePredictions(loaded, classifier);
        }
    }

    private static void assertSamePredictions(ImageClassifier some, ImageClassifier others) {
        ImageDataset images = DIGITS.test().limit(20);
        assertThat(scores(some, images)).isEqualTo(scores(others, images));
    }

    private static List<List<ClassScore>> scores(ImageClassifier some, ImageDataset images) {
        return some.predict(images).stream()
                .map(prediction -> prediction.top(some.classNames().size()))
                .toList();
    }

    @Test
    void onnxRuntimePredictsTheSame() throws OrtException {
        ImageDataset images = Pictures.dataset(20);
        try (ImageClassifier probe = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .probe(images)) {
            Path file = folder.resolve("probe.onnx");
            probe.exportOnnx(file);
            INDArray pixels = Pictures.arrays(5);
            try (OnnxModel model = OnnxModel.load(file)) {
                INDArray probabilities = model.run(pixels);
                for (int i = 0; i < 5; i++) {
                    Prediction prediction = probe.predict(pixels.slice(i));
                    assertThat(probabilities.getDouble(i, prediction.classIndex()))
                            .isCloseTo(prediction.probability(), within(1e-5));
                }
            }
        }
    }

    @Test
    void theSameImagesGiveTheSameBitsAlsoFromACache() {
        TransferLearner cached = LEARNER.featureCache(FeatureCache.in(folder.resolve("cache")));
        for (int i = 0; i < 2; i++) {
            try (ImageClassifier again = cached.probe(DIGITS.train())) {
                assertSamePredictions(again, classifier);
            }
        }
    }

    /** Epochs, augmentation, freezing and validation are for fits. */
    @Test
    void whatIsForFitsDoesNotMatter() {
        TransferLearner told = LEARNER.unfreezeAll()
                .seed(7)
                .batchSize(3)
                .epochs(1)
                .validationSplit(0.2)
                .augmentation(Augmentation.photos())
                .earlyStopping(EarlyStopping.patience(1));
        try (ImageClassifier same = told.probe(DIGITS.train())) {
            assertSamePredictions(same, classifier);
            assertThat(same.summary()).contains("Trainable params: ");
        }
    }

    @Test
    void aFurtherTrainingGoesOnFromIt() {
        try (ImageClassifier further =
                classifier.learner().epochs(1).optimizer(Optimizer.sgd(1e-6)).fit(DIGITS.train())) {
            assertThat(further.history().epochs()).hasSize(1);
            assertThat(further.evaluate(DIGITS.test()).accuracy())
                    .isCloseTo(classifier.evaluate(DIGITS.test()).accuracy(), within(0.005));
        }
    }

    @Test
    void aClassifierOfEpochsCanBeProbedToo() {
        try (ImageClassifier fitted = LEARNER.epochs(1).fit(DIGITS.train());
                ImageClassifier probed = fitted.learner().probe(DIGITS.train())) {
            assertThat(probed.evaluate(DIGITS.test()).accuracy())
                    .isCloseTo(classifier.evaluate(DIGITS.test()).accuracy(), within(0.005));
        }
    }

    @Test
    void classWeightsMoveTheBorder() {
        List<String> names = DIGITS.train().classNames();
        try (ImageClassifier fond =
                LEARNER.classWeights(Map.of(names.get(8), 1000.0)).probe(DIGITS.train())) {
            assertThat(fond.evaluate(DIGITS.test()).confusionMatrix().predictedCount(8))
                    .isGreaterThan(
                            classifier.evaluate(DIGITS.test()).confusionMatrix().predictedCount(8));
        }
    }

    @Test
    void aClassOfOneImageIsLearnedAndWarnedOf() {
        ImageDataset digits = DIGITS.train();
        int single = IntStream.range(0, digits.size())
                .filter(i -> digits.classIndex(i) == 0)
                .findFirst()
                .orElseThrow();
        ImageDataset rare = digits.select(IntStream.range(0, digits.size())
                .filter(i -> digits.classIndex(i) != 0 || i == single)
                .toArray());
        List<String> warnings = LogCapture.warningsOf(() -> {
            try (ImageClassifier probe = LEARNER.probe(rare)) {
                assertThat(probe.predict(digits.select(new int[] {single}))
                                .get(0)
                                .classIndex())
                        .isZero();
            }
        });
        assertThat(warnings).anyMatch(line -> line.contains("of one class there are only 1"));
    }

    @Test
    void oneClassIsRefusedBeforeAnyWork() {
        int[] ones = IntStream.range(0, DIGITS.train().size())
                .filter(i -> DIGITS.train().classIndex(i) == 1)
                .toArray();
        assertThatThrownBy(() -> unread().probe(DIGITS.train().select(ones)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 classes or more");
    }

    /** Its weights are not there: who comes to read them has begun with the work. */
    private TransferLearner unread() {
        return LEARNER.weights(Weights.file(folder.resolve("missing.safetensors")));
    }

    @Test
    void whatContradictsAProbeIsRefusedBeforeAnyWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread().head(Head.flatten().dense(4)).probe(DIGITS.train()))
                .withMessageContaining("without dense layers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread().head(Head.flatten().multiLabel()).probe(DIGITS.train()))
                .withMessageContaining("multi-label");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread().loss(Loss.focal(2)).probe(DIGITS.train()))
                .withMessageContaining("cross-entropy");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread().head(3).probe(DIGITS.train()))
                .withMessageContaining("the head has 3 classes");
    }

    @Test
    void moreFeaturesThanMemoryHoldsAreRefusedBeforeAnyWork() {
        ImageDataset many = DIGITS.train()
                .select(IntStream.range(0, 400_000)
                        .map(i -> i % DIGITS.train().size())
                        .toArray());
        assertThatThrownBy(() -> TransferLearner.vgg16()
                        .weights(Weights.file(folder.resolve("missing")))
                        .probe(many))
                .isInstanceOfAny(MemoryLimitException.class, IllegalArgumentException.class)
                .hasMessageContaining("a probe of 400,000 images with 25,088 features each and 10 classes");
    }

    @Test
    void anInterruptionEndsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> LEARNER.probe(DIGITS.train())).isInstanceOf(CancellationException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void diverseSizesAndWidthsAreTaken() {
        Nd4j.getRandom().setSeed(7);
        INDArray images = Nd4j.rand(new int[] {12, 1, 9, 13}).muli(255);
        ImageDataset data =
                ImageDataset.of(images, IntStream.range(0, 12).map(i -> i % 3).toArray());
        try (ImageClassifier probe =
                TransferLearner.tinyVgg().head(Head.flatten().dropout(0.5)).probe(data)) {
            assertThat(probe.evaluate(data).accuracy()).isEqualTo(1);
        }
    }

    /** What 20 nearest images vote, by what the features are compared by. */
    @Test
    void nearestNeighboursVote() {
        try (ImageClassifier neighbours = LEARNER.probe(DIGITS.train(), Probe.NEAREST_NEIGHBOURS)) {
            assertThat(neighbours.evaluate(DIGITS.test()).accuracy()).isGreaterThan(0.85);
            assertThat(neighbours.summary()).contains("NearestNeighbours");
            double[][] training = directions(neighbours.embeddings(DIGITS.train()));
            double[][] images = directions(neighbours.embeddings(DIGITS.test().limit(30)));
            List<Prediction> predictions = neighbours.predict(DIGITS.test().limit(30));
            for (int i = 0; i < images.length; i++) {
                double[] votes = votes(training, images[i]);
                for (int c = 0; c < 10; c++) {
                    assertThat(predictions
                                    .get(i)
                                    .probability(DIGITS.train().classNames().get(c)))
                            .isCloseTo(votes[c], within(1e-4));
                }
                assertThat(neighbours.predict(DIGITS.test().image(i)).label())
                        .isEqualTo(predictions.get(i).label());
            }
        }
    }

    private static double[][] directions(INDArray features) {
        double[][] rows = features.toDoubleMatrix();
        for (double[] row : rows) {
            double length =
                    Math.sqrt(Arrays.stream(row).map(value -> value * value).sum());
            Arrays.setAll(row, j -> row[j] / length);
        }
        return rows;
    }

    private static double[] votes(double[][] training, double[] image) {
        double[] cosines = Arrays.stream(training)
                .mapToDouble(row -> IntStream.range(0, row.length)
                        .mapToDouble(j -> row[j] * image[j])
                        .sum())
                .toArray();
        int[] nearest = IntStream.range(0, cosines.length)
                .boxed()
                .sorted((a, b) -> Double.compare(cosines[b], cosines[a]))
                .limit(20)
                .mapToInt(i -> i)
                .toArray();
        double sum = IntStream.of(nearest)
                .mapToDouble(i -> Math.exp(cosines[i] / 0.07))
                .sum();
        double[] votes = new double[10];
        for (int i : nearest) {
            votes[DIGITS.train().classIndex(i)] += Math.exp(cosines[i] / 0.07) / sum;
        }
        return votes;
    }

    @Test
    void votesAreSavedLoadedExportedAndLearnedFrom() throws OrtException {
        ImageDataset images = Pictures.dataset(30);
        Path file = folder.resolve("votes.t4j");
        try (ImageClassifier votes = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.globalAveragePooling().dropout(0.5))
                .probe(images, Probe.NEAREST_NEIGHBOURS)) {
            votes.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(scores(loaded, images)).isEqualTo(scores(votes, images));
                Path again = folder.resolve("again.t4j");
                loaded.save(again);
                assertThat(again).hasSameBinaryContentAs(file);
            }
            Path model = folder.resolve("votes.onnx");
            votes.exportOnnx(model);
            INDArray pixels = Pictures.arrays(7);
            try (OnnxModel session = OnnxModel.load(model)) {
                INDArray probabilities = session.run(pixels);
                for (int i = 0; i < 7; i++) {
                    for (ClassScore score : votes.predict(pixels.slice(i)).top(2)) {
                        assertThat(probabilities.getDouble(i, score.classIndex()))
                                .isCloseTo(score.probability(), within(1e-4));
                    }
                }
            }
            ImageDataset oftenWrong = ImageDataset.of(
                    Pictures.arrays(60),
                    IntStream.range(0, 60)
                            .mapToObj(i -> i % 3 == 0 ? "red" : "blue")
                            .toList());
            try (ImageClassifier calibrated = votes.calibrate(oftenWrong);
                    ImageClassifier fitted = votes.learner().epochs(1).fit(images)) {
                assertThat(calibrated.predict(pixels.slice(0)).set(0.9)).isNotNull();
                assertThatThrownBy(() -> calibrated.exportOnnx(model))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("calibration");
                assertThat(fitted.summary()).doesNotContain("NearestNeighbours");
            }
            assertThatThrownBy(votes::toComputationGraph)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("predictions");
            assertThatThrownBy(() -> votes.explainer().explain(pixels.slice(0)))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("without a gradient");
            assertThat(votes.explainer().scoreCam().explain(pixels.slice(0)).map())
                    .isNotNull();
        }
    }

    @Test
    void fewerImagesThanVotersAllVote() {
        try (ImageClassifier votes = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .probe(Pictures.dataset(3), Probe.NEAREST_NEIGHBOURS)) {
            assertThat(votes.predict(Pictures.image(0)).top(2))
                    .extracting(ClassScore::probability)
                    .allMatch(probability -> probability > 0.01);
        }
    }

    @Test
    void votersOfNoClassAreRefused() {
        Path file = folder.resolve("votes.t4j");
        try (ImageClassifier votes = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .probe(Pictures.dataset(30), Probe.NEAREST_NEIGHBOURS)) {
            votes.save(file);
        }
        ModelContents contents = ModelArchive.read(file, described -> {});
        contents.weights().get("predictions/classes").putScalar(3, 2);
        ModelArchive.write(file, contents);
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("classes from 0 to 1, got 2");
    }
}
