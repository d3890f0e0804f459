package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.PhaseEstimate;
import org.transfer4j.training.TrainingEstimate;

class EstimateTest {
    private static final int COUNT = 24;
    /** 8 channels of 4x4 floats. */
    private static final long ROW = 8 * 4 * 4 * 4;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(8)
            .epochs(4);

    @Test
    void countsAndBytesAreExact() {
        TrainingEstimate estimate = learner.validation(Pictures.dataset(9)).estimate(Pictures.dataset(COUNT));
        assertThat(estimate.trainingImages()).isEqualTo(COUNT);
        assertThat(estimate.validationImages()).isEqualTo(9);
        assertThat(estimate.parameters()).isEqualTo(808 + 128 * 2 + 2);
        assertThat(estimate.featureBytes()).isEqualTo((COUNT + 9) * ROW);
        assertThat(estimate.freeBytes()).isPositive();
        assertThat(estimate.hasSpace()).isTrue();
        assertThat(estimate.phases()).hasSize(1);
        PhaseEstimate only = estimate.phases().get(0);
        assertThat(only.trainedParameters()).isEqualTo(128 * 2 + 2);
        assertThat(only.featureBytes()).isEqualTo((COUNT + 9) * ROW);
        assertThat(only.epochs()).isEqualTo(4);
    }

    @Test
    void timesArePositiveAndAddUp() {
        TrainingEstimate estimate = learner.validationSplit(0.25).estimate(Pictures.dataset(COUNT));
        PhaseEstimate only = estimate.phases().get(0);
        assertThat(only.featurePass()).isPositive();
        assertThat(only.epoch()).isPositive();
        assertThat(only.total()).isEqualTo(only.featurePass().plus(only.epoch().multipliedBy(4)));
        assertThat(estimate.total()).isEqualTo(only.total());
        assertThat(estimate.memoryBytes()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void eachPhaseHasItsOwnFigures() {
        TrainingEstimate estimate = learner.fineTune(
                        Phase.head().epochs(3),
                        Phase.from("conv2").epochs(2),
                        Phase.all().epochs(1))
                .estimate(Pictures.dataset(COUNT));
        assertThat(estimate.phases()).extracting(PhaseEstimate::epochs).containsExactly(3, 2, 1);
        assertThat(estimate.phases())
                .extracting(PhaseEstimate::trainedParameters)
                .containsExactly(258L, 258 + 584L, 258 + 808L);
        // pool1 has 8 channels of 8x8
        assertThat(estimate.phases())
                .extracting(PhaseEstimate::featureBytes)
                .containsExactly(COUNT * ROW, COUNT * 4 * ROW, 0L);
        assertThat(estimate.featureBytes()).as("one after the other").isEqualTo(COUNT * 4 * ROW);
        assertThat(estimate.phases().get(2).featurePass()).isZero();
        assertThat(estimate.total())
                .isEqualTo(estimate.phases().stream().map(PhaseEstimate::total).reduce(Duration.ZERO, Duration::plus));
    }

    static Stream<UnaryOperator<TransferLearner>> kinds() {
        return Stream.of(
                learner -> learner,
                learner -> learner.head(Head.flatten().dense(7).dropout(0.4)).optimizer(Optimizer.rmsProp(1e-3)),
                learner -> learner.unfreezeAll()
                        .augmentation(Augmentation.none().horizontalFlip().mixUp(0.2)),
                learner -> learner.augmentation(Augmentation.none().horizontalFlip())
                        .earlyStopping(EarlyStopping.patience(2))
                        .validationSplit(0.25));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aFitAfterwardsGivesTheSameBits(UnaryOperator<TransferLearner> kind) {
        TransferLearner whole = kind.apply(learner);
        try (ImageClassifier before = whole.fit(Pictures.dataset(COUNT))) {
            assertThat(whole.estimate(Pictures.dataset(COUNT)).total()).isPositive();
            try (ImageClassifier after = whole.fit(Pictures.dataset(COUNT))) {
                assertThat(Bits.of(after.toComputationGraph())).isEqualTo(Bits.of(before.toComputationGraph()));
            }
        }
    }

    @Test
    void variantsAreCountedAndFreshPassesKeepNothing() {
        TransferLearner augmented = learner.augmentation(Augmentation.none().horizontalFlip());
        assertThat(augmented.cachedVariants(3).estimate(Pictures.dataset(COUNT)).featureBytes())
                .isEqualTo(3 * COUNT * ROW);
        TrainingEstimate fresh =
                augmented.freshPasses().validation(Pictures.dataset(5)).estimate(Pictures.dataset(COUNT));
        assertThat(fresh.featureBytes()).isEqualTo(5 * ROW);
    }

    @Test
    void nothingIsKeptAndNobodyIsTold(@TempDir Path folder) throws IOException {
        RecordingListener recording = new RecordingListener();
        int[] steps = new int[1];
        TrainingEstimate estimate = learner.featureCache(FeatureCache.in(folder.resolve("cache")))
                .checkpoints(Checkpoints.in(folder.resolve("checkpoints")))
                .listener(recording)
                .listener(new BaseTrainingListener() {
                    @Override
                    public void iterationDone(Model model, int iteration, int epoch) {
                        steps[0]++;
                    }
                })
                .weights(Weights.file(folder.resolve("absent.h5")))
                .estimate(Pictures.dataset(COUNT));
        assertThat(estimate.freeBytes()).isPositive();
        assertThat(recording.events).isEmpty();
        assertThat(steps[0]).isZero();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void severalLabelsAreEstimatedToo() {
        MultiLabelDataset data = MultiLabelDataset.of(
                Pictures.dataset(COUNT),
                IntStream.range(0, COUNT)
                        .mapToObj(i -> Set.of("a" + i % 2, "b" + i % 3))
                        .toList());
        TrainingEstimate estimate =
                learner.head(Head.flatten().multiLabel()).validationSplit(0.25).estimate(data);
        assertThat(estimate.phases().get(0).trainedParameters()).isEqualTo(128 * 5 + 5);
        assertThat(estimate.trainingImages() + estimate.validationImages()).isEqualTo(COUNT);
        assertThat(estimate.validationImages()).isPositive();
    }

    @Test
    void aFurtherTrainingIsEstimatedToo() {
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            TrainingEstimate further = first.learner().epochs(2).estimate(Pictures.dataset(COUNT));
            assertThat(further.trainingImages()).isEqualTo(COUNT);
            assertThat(further.phases().get(0).epochs()).isEqualTo(2);
        }
    }

    @Test
    void whatAFitRefusesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.head(5).estimate(Pictures.dataset(COUNT)))
                .withMessageContaining("the head has 5 classes");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> learner.estimate(Pictures.dataset(1)))
                .withMessageContaining("2 classes or more");
    }

    @Test
    void theTableSaysWhatItTakes() {
        TrainingEstimate estimate = new TrainingEstimate(
                60_000,
                10_000,
                14_965_578,
                7_024_640_000L,
                5_000_000_000L,
                1_234_000_000L,
                4_294_967_296L,
                List.of(
                        new PhaseEstimate(
                                250_890, 7_024_640_000L, Duration.ofSeconds(2800), Duration.ofMillis(4200), 200),
                        new PhaseEstimate(14_965_578, 0, Duration.ZERO, Duration.ofMillis(250), 1)));
        assertThat(estimate).hasToString("""
                        60,000 images to learn from, 10,000 to validate with; 14,965,578 parameters

                        phase        trained    features  feature pass      epoch  epochs     in all
                            1        250,890     7.02 GB     46:40 min      4.2 s     200     1:01 h
                            2     14,965,578      0.0 kB       0.000 s    0.250 s       1    0.250 s

                        time in all  1:01 h
                        disk         7.02 GB of 5.00 GB free: not enough
                        memory       about 1.23 GB of 4.29 GB allowed
                        """);
        assertThat(estimate.hasSpace()).isFalse();
    }
}
