package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.CrossValidationReport;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.Interval;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.head.Head;
import org.transfer4j.internal.fit.CrossValidation;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

class CrossValidationTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits().limit(300);
    private static final TransferLearner TINY = TransferLearner.tinyVgg()
            .head(Head.globalAveragePooling())
            .optimizer(Optimizer.adam(0.02))
            .epochs(2);

    @TempDir
    private Path folder;

    /** Each image is held out once, and the features of each are computed once. */
    @Test
    void whatIsFrozenIsComputedOnceForAllFits() {
        AtomicLong computed = new AtomicLong();
        AtomicLong epochs = new AtomicLong();
        CrossValidationReport<EvaluationReport> report = TINY.listener(new FitListener() {
                    @Override
                    public void featuresFinished(long images) {
                        computed.addAndGet(images);
                    }

                    @Override
                    public void epochFinished(EpochRecord epoch) {
                        epochs.incrementAndGet();
                    }
                })
                .crossValidate(DIGITS, 5);

        assertThat(computed).hasValue(300);
        assertThat(epochs).hasValue(10);
        assertThat(report.folds().stream().mapToLong(EvaluationReport::size).sum())
                .isEqualTo(300);
        assertThat(report.mean(EvaluationReport::accuracy)).isBetween(0.3, 1.0);
    }

    /** By hand, on the first part: every fifth image of each class, in the order of the data. */
    @Test
    void eachFoldIsAFitToTheOthers() {
        ImageDataset data = Pictures.dataset(20);
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(2)
                .batchSize(4);
        CrossValidationReport<EvaluationReport> report = learner.crossValidate(data, 5);
        int[] held = {0, 1, 2, 3};
        try (ImageClassifier classifier =
                learner.fit(data.select(IntStream.range(4, 20).toArray()))) {
            assertThat(report.folds()).hasSize(5);
            assertThat(report.folds().get(0)).isEqualTo(classifier.evaluate(data.select(held)));
        }
    }

    /** By hand, on the first part: images that follow each other. */
    @Test
    void eachFoldOfNumbersIsAFitToTheOthers() {
        RegressionDataset data = numbers(21);
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(2)
                .batchSize(4);
        CrossValidationReport<RegressionReport> report = learner.crossValidate(data, 4);
        int[] held = {0, 1, 2, 3, 4, 5};
        try (ImageRegressor regressor =
                learner.fit(data.select(IntStream.range(6, 21).toArray()))) {
            RegressionReport expected = regressor.evaluate(data.select(held));
            RegressionReport first = report.folds().get(0);
            assertThat(report.folds()).extracting(RegressionReport::size).containsExactly(6, 5, 5, 5);
            assertThat(first.targets()).isEqualTo(expected.targets());
            assertThat(first.largestErrors(1)).isEqualTo(expected.largestErrors(1));
        }
        assertThat(report.toString())
                .contains("mean absolute error", "root mean squared error", "95% intervals: mean absolute error ");
        assertThat(report.toJson()).contains("{\"meanAbsoluteError\":{\"mean\":", "\"folds\":[{");
    }

    @Test
    void numbersInTheirOrderAreWarnedOf() {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1);
        double[][] targets = IntStream.range(0, 9)
                .mapToObj(i -> new double[] {i % 4, -Math.floor(i / 2.0)})
                .toArray(double[][]::new);
        RegressionDataset sorted =
                RegressionDataset.of(Pictures.dataset(9), targets).named("angle", "depth");
        try (LogCapture log = new LogCapture(CrossValidation.class)) {
            learner.crossValidate(sorted.shuffle(1), 3);
            assertThat(log.warnings()).isEmpty();
            learner.crossValidate(sorted, 3);
            assertThat(log.warnings())
                    .singleElement(STRING)
                    .startsWith("the images are in the order of [depth]")
                    .endsWith("data.shuffle(seed)");
        }
    }

    private static RegressionDataset numbers(int count) {
        return RegressionDataset.of(
                Pictures.dataset(count),
                IntStream.range(0, count).mapToDouble(i -> 100 + i % 7).toArray());
    }

    /** R2 of one image is no number. */
    @Test
    void eachImageCanBeHeldOutAlone() {
        CrossValidationReport<RegressionReport> report = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .crossValidate(numbers(4), 4);
        assertThat(report.toString()).contains("r2 - to -");
        assertThat(report.mean(RegressionReport::r2)).isNaN();
        assertThat(report.toJson()).contains("\"r2\":{\"mean\":\"NaN\"");
    }

    @Test
    void numbersThatCannotBeDividedAreRefusedBeforeAnyWork() {
        TransferLearner unread = TINY.weights(Weights.file(folder.resolve("missing.safetensors")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.crossValidate(numbers(5), 1))
                .withMessageContaining("2 folds or more, got 1");
        assertThatThrownBy(() -> unread.crossValidate(numbers(5), 6))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("than there are images, 5, got 6");
        // the fold that holds out the last image leaves equal numbers
        RegressionDataset nearlyEqual = RegressionDataset.of(Pictures.dataset(3), 1, 1, 2);
        assertThatThrownBy(() -> unread.crossValidate(nearlyEqual, 3))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("is 1.0 for all 2 images");
    }

    @Test
    void aWholeNetworkIsTrainedAnewInEachFold() {
        CrossValidationReport<EvaluationReport> report = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .unfreezeAll()
                .epochs(1)
                .crossValidate(Pictures.dataset(20), 2);
        assertThat(report.folds()).extracting(EvaluationReport::size).containsExactly(10L, 10L);
    }

    @Test
    void meanAndIntervalAreThoseOfStudent() {
        CrossValidationReport<EvaluationReport> report = TINY.crossValidate(DIGITS, 3);
        double[] accuracies =
                report.folds().stream().mapToDouble(EvaluationReport::accuracy).toArray();
        double mean = (accuracies[0] + accuracies[1] + accuracies[2]) / 3;
        double squares = IntStream.range(0, 3)
                .mapToDouble(i -> Math.pow(accuracies[i] - mean, 2))
                .sum();
        // t of 2 degrees of freedom
        double half = 4.302652729911275 * Math.sqrt(squares / 2 / 3);
        Interval interval = report.interval(EvaluationReport::accuracy);

        assertThat(report.mean(EvaluationReport::accuracy)).isEqualTo(mean);
        assertThat(interval.low()).isCloseTo(mean - half, within(1e-9));
        assertThat(interval.high()).isCloseTo(mean + half, within(1e-9));
        assertThat(report.toString()).contains("fold", "mean", "95% intervals: accuracy " + interval);
        assertThat(report.toJson()).contains("\"accuracy\":{\"mean\":", "\"folds\":[{");
    }

    @Test
    void nothingIsLeftInTheTemporaryFolderAndNoCheckpointIsWritten() {
        Path checkpoints = folder.resolve("checkpoints");
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            TINY.checkpoints(Checkpoints.in(checkpoints)).crossValidate(DIGITS, 2);
            assertThat(temporary.path()).isEmptyDirectory();
        }
        assertThat(checkpoints).doesNotExist();
    }

    @Test
    void aCacheOfTheCallersOwnIsUsed() {
        FeatureCache cache = FeatureCache.in(folder);
        TINY.featureCache(cache).crossValidate(DIGITS, 2);
        assertThat(cache.size()).isPositive();
    }

    @Test
    void whatCannotBeDividedIsRefusedBeforeAnyWork() {
        TransferLearner unread = TINY.weights(Weights.file(folder.resolve("missing.safetensors")));
        ImageDataset two = Pictures.dataset(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.crossValidate(two, 1))
                .withMessageContaining("2 folds or more, got 1");
        assertThatThrownBy(() -> unread.crossValidate(two, 3))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("the largest class has images, 2, got 3");
        // one image of the second class, which the first fold holds out
        assertThatThrownBy(() -> unread.crossValidate(two.select(new int[] {0, 1, 2}), 2))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("only one class is left");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.head(3).crossValidate(two, 2))
                .withMessageContaining("the head has 3 classes");
    }

    @Test
    void aFitThatDivergesSaysInWhichFold() {
        assertThatThrownBy(() -> TINY.head(Head.flatten().dense(8))
                        .optimizer(Optimizer.sgd(1e30))
                        .crossValidate(DIGITS, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the fit without fold 1 of 2 stopped");
    }

    @Test
    void aListenerEndsItAll() {
        assertThatThrownBy(() -> TINY.listener(new FitListener() {
                            @Override
                            public void epochFinished(EpochRecord epoch) {
                                throw new CancellationException("enough");
                            }
                        })
                        .crossValidate(DIGITS, 2))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("fold 1 of 2");
    }
}
