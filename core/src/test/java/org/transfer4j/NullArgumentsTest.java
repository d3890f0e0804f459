package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.ModelCard;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.similarity.FeatureIndex;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;
import org.transfer4j.training.TrainingHistory;

/** Null is refused where it is handed over, by the name of the parameter. */
class NullArgumentsTest {
    private static final ImageDataset DATA = Pictures.dataset(8);
    private static final TransferLearner LEARNER =
            TransferLearner.of(TinyBackbones.plain()).weights(Weights.random()).epochs(1);
    private static ImageClassifier classifier;

    @BeforeAll
    static void train() {
        classifier = LEARNER.fit(DATA);
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    static Stream<Arguments> descriptions() {
        return Stream.of(
                call("backbone", () -> TransferLearner.of(null)),
                call("file", () -> Weights.file(null)),
                call("download", () -> Weights.pretrained(null)),
                call("folder", () -> FeatureCache.in(null)),
                call("factors", () -> Phase.all().blockFactors(null)),
                call("factor", () -> Phase.all().blockFactors(Collections.singletonMap("block1", null))),
                call("phases", () -> LEARNER.fineTune((Phase[]) null)),
                call("phase", () -> LEARNER.fineTune((Phase) null)),
                call("names", () -> LEARNER.dropClasses(null)),
                call("weights", () -> LEARNER.classWeights(null)),
                call("updater", () -> LEARNER.optimizer((IUpdater) null)),
                call("data", () -> LEARNER.fit((ImageDataset) null)),
                call("data", () -> LEARNER.fit((MultiLabelDataset) null)),
                call("data", () -> LEARNER.fit((RegressionDataset) null)),
                call("data", () -> LEARNER.probe((ImageDataset) null)),
                call("data", () -> LEARNER.crossValidate((ImageDataset) null, 2)),
                call("data", () -> LEARNER.estimate((ImageDataset) null)),
                call("data", () -> LEARNER.learningRateFinder((ImageDataset) null)),
                call("data", () -> LEARNER.features(null)),
                call("data", () -> LEARNER.embeddings(null)),
                call("pool", () -> LEARNER.nextToLabel(null, 1)),
                call("augmentation", () -> Views.of(null, 2, 1)),
                call("then", () -> Schedule.warmUp(2, null)),
                call("epochs", () -> TrainingHistory.of(null)),
                call("file", () -> Backbone.keras(null)),
                call("file", () -> Backbone.dl4j(null)),
                call("name", () -> Backbone.builder(null, TinyBackbones.plain().topology())),
                call("network", () -> Backbone.of((ComputationGraph) null)),
                call("data", () -> FeatureIndex.of(LEARNER, null)),
                call("data", () -> DatasetInspection.of(LEARNER, (ImageDataset) null)),
                call("split", () -> DatasetInspection.of(LEARNER, (DatasetSplit) null)),
                call("classNames", () -> new EvaluationAccumulator(null)),
                call("probabilities", () -> new EvaluationAccumulator(List.of("a", "b")).add(null, new int[1])),
                call("thresholds", () -> new MultiLabelAccumulator(List.of("a", "b")).report(null)),
                call("budget", () -> TransferLearner.choose(DATA, null)),
                call("budget", () -> TransferLearner.choose(DATA, null, List.of(LEARNER))),
                call(
                        "learner",
                        () -> TransferLearner.choose(DATA, Duration.ofSeconds(1), Arrays.asList(LEARNER, null))));
    }

    /** By what the test trains before. */
    private static List<Arguments> uses() {
        Prediction prediction = classifier.predict(Pictures.png(0));
        EvaluationReport report = classifier.evaluate(DATA);
        RegressionReport numbers =
                RegressionReport.of(List.of("age"), new double[][] {{1}, {2}}, new double[][] {{1}, {3}});
        return List.of(
                call("image", () -> classifier.predict((Path) null)),
                call("image", () -> classifier.predict((byte[]) null)),
                call("image", () -> classifier.predict((InputStream) null)),
                call("image", () -> classifier.predict((BufferedImage) null)),
                call("image", () -> classifier.predict((INDArray) null)),
                call("data", () -> classifier.predict((ImageDataset) null)),
                call("image", () -> classifier.explain(null)),
                call("data", () -> classifier.evaluate((ImageDataset) null)),
                call("data", () -> classifier.evaluate((MultiLabelDataset) null)),
                call("data", () -> classifier.embeddings(null)),
                call("index", () -> classifier.nearest(Pictures.image(0), null, 1)),
                call("pool", () -> classifier.nextToLabel(null, 1)),
                call("file", () -> classifier.save(null)),
                call("file", () -> classifier.saveBackboneWeights(null)),
                call("file", () -> classifier.exportOnnx(null)),
                call("options", () -> classifier.exportOnnx(Path.of("x.onnx"), null)),
                call("file", () -> ImageClassifier.load(null)),
                call("file", () -> ImageRegressor.load(null)),
                call("file", () -> FeatureExtractor.load(null)),
                call("file", () -> ClassifierEnsemble.load(null)),
                call("classifier", () -> ClassifierEnsemble.of(classifier, null)),
                call("classifiers", () -> ClassifierEnsemble.of((ImageClassifier[]) null)),
                call("weight", () -> ClassifierEnsemble.of(List.of(classifier), Arrays.asList((Double) null))),
                call("label", () -> prediction.probability(null)),
                call("file", () -> report.html(null)),
                call("overlay", () -> report.withHeatMaps(null)),
                call("names", () -> report.withImages(null, i -> new byte[0])),
                call("other", () -> report.with((ModelCard) null)),
                call("found", () -> report.with((DatasetInspection) null)),
                call("figure", () -> report.interval(null)),
                call("name", () -> numbers.target(null)),
                call("predicted", () -> RegressionReport.of(List.of("age"), null, new double[1][1])));
    }

    private static Arguments call(String parameter, ThrowingCallable call) {
        return arguments(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("descriptions")
    void ofADescriptionIsRefusedByTheParametersName(String parameter, ThrowingCallable call) {
        assertThatNullPointerException().isThrownBy(call).withMessage(parameter);
    }

    @Test
    void ofAModelIsRefusedByTheParametersName() {
        for (Arguments use : uses()) {
            assertThatNullPointerException()
                    .isThrownBy((ThrowingCallable) use.get()[1])
                    .withMessage((String) use.get()[0]);
        }
    }
}
