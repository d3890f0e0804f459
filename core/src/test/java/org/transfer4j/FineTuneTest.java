package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;

class FineTuneTest {
    private static final int COUNT = 24;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(8)
            .epochs(3);

    private static Map<String, List<Integer>> bits(TransferLearner learner) {
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(COUNT))) {
            return Bits.of(classifier.toComputationGraph());
        }
    }

    @Test
    void aPhaseAloneIsAPlainFit() {
        assertThat(bits(learner.fineTune(Phase.head()))).isEqualTo(bits(learner.freezeAll()));
        assertThat(bits(learner.fineTune(Phase.from("conv2").epochs(2))))
                .isEqualTo(bits(learner.freezeUpTo("pool1").epochs(2)));
        assertThat(bits(learner.fineTune(Phase.from("conv1").epochs(2))))
                .isEqualTo(bits(learner.unfreezeAll().epochs(2)));
        assertThat(bits(learner.fineTune(Phase.all().epochs(2))))
                .isEqualTo(bits(learner.unfreezeAll().epochs(2)));
    }

    static Stream<Phase> kinds() {
        return Stream.of(Phase.head(), Phase.from("conv2"), Phase.all());
    }

    /** With a constant rate it makes no difference where a training is cut in two. */
    @ParameterizedTest
    @MethodSource("kinds")
    void theOptimizersMemoryAndTheEpochsAreCarriedOn(Phase phase) {
        TransferLearner dropping = learner.head(Head.flatten().dense(6).dropout(0.4));
        for (Optimizer optimizer :
                List.of(Optimizer.adam(1e-2), Optimizer.sgd(0.05).nesterov(0.9), Optimizer.rmsProp(1e-3))) {
            TransferLearner one = dropping.optimizer(optimizer);
            assertThat(bits(one.fineTune(phase.epochs(2), phase.epochs(3))))
                    .isEqualTo(bits(one.fineTune(phase.epochs(5))));
        }
    }

    /** Not the biases: one that is zero is moved by the smallest rate. */
    private static Map<String, List<Integer>> kernels(TransferLearner learner) {
        Map<String, List<Integer>> kernels = new TreeMap<>(bits(learner));
        kernels.keySet().removeIf(name -> name.endsWith("_b"));
        return kernels;
    }

    private TransferLearner averaged() {
        return learner.head(Head.globalAveragePooling()).optimizer(Optimizer.sgd(0.05));
    }

    @Test
    void aPhaseMayHaveImagesOfItsOwnSize() {
        TransferLearner grown = averaged()
                .fineTune(
                        Phase.all().epochs(2).inputSize(12, 10),
                        Phase.all().epochs(1).inputSize(20, 24).learningRateFactor(1e-30));
        assertThat(kernels(grown))
                .isEqualTo(kernels(
                        averaged().inputSize(12, 10).fineTune(Phase.all().epochs(2))))
                .isNotEqualTo(kernels(averaged().fineTune(Phase.all().epochs(2))));
        assertThat(grown.summary()).contains("20, 24");
        try (ImageClassifier classifier = grown.validation(Pictures.dataset(6)).fit(Pictures.dataset(COUNT))) {
            assertThat(classifier.summary()).contains("20, 24");
            assertThat(classifier.history().last().orElseThrow().validationAccuracy())
                    .hasValue(classifier.evaluate(Pictures.dataset(6)).accuracy());
        }
    }

    @Test
    void aPhasesOwnSizeIsCheckedBeforeAnyWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> averaged().fineTune(Phase.head().inputSize(7, 16)))
                .withMessage("plain takes images from 8x8, got inputSize(7, 16)");
        TransferLearner flattened =
                learner.fineTune(Phase.all().inputSize(16, 16), Phase.all().inputSize(32, 32));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flattened.fit(Pictures.dataset(COUNT)))
                .withMessageContaining("Head.globalAveragePooling()")
                .withMessageContaining("for 16x16")
                .withMessageContaining("for 32x32");
    }

    @Test
    void aPhaseMayHaveAScheduleOfItsOwn() {
        Schedule schedule = Schedule.warmUp(1, Schedule.cosine());
        TransferLearner scheduled = learner.optimizer(Optimizer.sgd(0.05));
        assertThat(bits(scheduled.fineTune(Phase.all().schedule(schedule))))
                .isEqualTo(bits(learner.optimizer(Optimizer.sgd(0.05).schedule(schedule))
                        .unfreezeAll()));
        TransferLearner foreign = learner.optimizer(new Sgd(0.05));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> foreign.fineTune(Phase.all().schedule(schedule)))
                .withMessageContaining("a schedule of its own");
    }

    @Test
    void eachPhaseTrainsWhatItSays() {
        Map<String, List<Integer>> start =
                bits(learner.fineTune(Phase.all().epochs(1).learningRateFactor(1e-30)));
        Map<String, List<Integer>> middle = bits(
                learner.fineTune(Phase.head().epochs(1), Phase.from("conv2").epochs(1)));
        assertThat(middle.get("conv1_W")).isEqualTo(start.get("conv1_W"));
        assertThat(middle.get("conv2_W")).isNotEqualTo(start.get("conv2_W"));
        assertThat(middle.get("predictions_W")).isNotEqualTo(start.get("predictions_W"));

        Map<String, List<Integer>> whole = bits(learner.fineTune(
                Phase.head().epochs(1),
                Phase.from("conv2").epochs(1),
                Phase.all().epochs(1)));
        assertThat(whole.get("conv1_W")).isNotEqualTo(start.get("conv1_W"));
    }

    @Test
    void historyAndListenersKnowThePhases() {
        RecordingListener recording = new RecordingListener();
        TransferLearner tuned = learner.optimizer(Optimizer.sgd(0.1).schedule(Schedule.step(1, 0.5)))
                .listener(recording)
                .fineTune(Phase.head(), Phase.from("conv2").epochs(2).learningRateFactor(0.1));
        try (ImageClassifier classifier = tuned.fit(Pictures.dataset(COUNT))) {
            List<EpochRecord> epochs = classifier.history().epochs();
            assertThat(epochs).extracting(EpochRecord::phase).containsExactly(1, 1, 1, 2, 2);
            assertThat(epochs).extracting(EpochRecord::epoch).containsExactly(1, 2, 3, 4, 5);
            assertThat(epochs).extracting(EpochRecord::iterations).containsExactly(3L, 6L, 9L, 12L, 15L);
            assertThat(epochs)
                    .extracting(EpochRecord::learningRate)
                    .as("a schedule begins anew in each phase")
                    .containsExactly(0.1, 0.05, 0.025, 0.1 * 0.1, 0.1 * 0.05);
        }
        assertThat(recording.events)
                .filteredOn(event -> event.startsWith("phase") || event.startsWith("features of"))
                .containsExactly("phase 1/2", "features of 24", "phase 2/2", "features of 24");
    }

    @Test
    void lowerBlocksLearnSlower() {
        TransferLearner plain = learner.optimizer(Optimizer.sgd(0.1).weightDecay(0.01));
        Map<String, List<Integer>> start =
                bits(plain.fineTune(Phase.all().epochs(1).learningRateFactor(1e-30)));
        Map<String, List<Integer>> tuned =
                bits(plain.fineTune(Phase.all().epochs(1).blockFactors(Map.of("conv1", 1e-30))));

        assertThat(tuned.get("conv1_W")).isEqualTo(start.get("conv1_W"));
        assertThat(tuned.get("conv2_W")).isNotEqualTo(start.get("conv2_W"));
        assertThat(bits(plain.fineTune(Phase.all().epochs(1).blockFactor(0.5))))
                .isEqualTo(
                        bits(plain.fineTune(Phase.all().epochs(1).blockFactors(Map.of("conv1", 0.25, "conv2", 0.5)))));
    }

    @Test
    void earlyStoppingIsEachPhasesOwn() {
        TransferLearner stopped = learner.validation(Pictures.dataset(9))
                .epochs(40)
                .optimizer(Optimizer.sgd(0.5))
                .earlyStopping(EarlyStopping.patience(1));
        try (ImageClassifier classifier = stopped.fineTune(
                        Phase.head(), Phase.all().epochs(1).learningRateFactor(0.01))
                .fit(Pictures.dataset(COUNT))) {
            assertThat(classifier.history().last().orElseThrow().phase()).isEqualTo(2);
        }
    }

    @Test
    void killedInAnyPhaseItEndsInTheSameBits(@TempDir Path folder) {
        TransferLearner tuned = learner.head(Head.flatten().dense(5).dropout(0.3))
                .fineTune(
                        Phase.head(),
                        Phase.from("conv2").epochs(2).learningRateFactor(0.5),
                        Phase.all().epochs(2).blockFactor(0.3));
        TransferLearner kept = tuned.checkpoints(Checkpoints.in(folder));
        for (int step : new int[] {5, 9, 10, 14, 15, 17, 20}) {
            FitListener dying = new FitListener() {
                @Override
                public void batchFinished(long iteration, long images, double loss) {
                    if (iteration == step) {
                        throw new CancellationException("killed");
                    }
                }
            };
            assertThatThrownBy(() -> kept.listener(dying).fit(Pictures.dataset(COUNT)))
                    .isInstanceOf(TrainingStoppedException.class)
                    .hasMessageContaining("killed");
        }
        assertThat(bits(kept)).isEqualTo(bits(tuned));
    }

    @Test
    void theSummaryShowsTheLastPhase() {
        assertThat(learner.fineTune(Phase.head(), Phase.from("conv2")).summary())
                .isEqualTo(learner.freezeUpTo("pool1").summary());
        assertThat(learner.fineTune(Phase.head(), Phase.all()).freezeAll().summary())
                .isEqualTo(learner.summary());
    }

    @Test
    void whatMakesNoSenseIsRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fineTune())
                .withMessageContaining("one phase or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fineTune(Phase.head(), Phase.from("conv9")))
                .withMessageContaining("plain has no layer named \"conv9\"")
                .withMessageContaining("conv1, pool1, conv2, pool2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fineTune(Phase.all(), Phase.from("conv2")))
                .withMessageContaining("phase 2 (from conv2")
                .withMessageContaining("conv1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fineTune(Phase.from("conv2").blockFactors(Map.of("conv1", 0.1))))
                .withMessageContaining("block conv1, but the phase trains [conv2]");
        TransferLearner residual = TransferLearner.of(TinyBackbones.residual()).weights(Weights.random());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> residual.fineTune(Phase.from("block_bn")))
                .withMessageContaining("has a connection around it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> residual.fineTune(Phase.from("block_add")))
                .withMessageContaining("block_add of residual has [stem_bn, block_bn]");
        assertThatIllegalArgumentException().isThrownBy(() -> Phase.head().epochs(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Phase.head().learningRateFactor(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Phase.all().blockFactor(Double.NaN));
    }

    @Test
    void anIteratorIsReadButOnce() {
        DataSet data = new DataSet(Pictures.arrays(4), Nd4j.eye(2).repeat(0, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        learner.fineTune(Phase.head(), Phase.all()).fit(new ListDataSetIterator<>(List.of(data), 1)))
                .withMessageContaining("needs an ImageDataset");
    }

    /** The second phase would have no validation images, hours after the fit began. */
    @Test
    void anIteratorThatIsReadOnceDoesNotValidateTwoPhases() {
        List<DataSet> data = List.of(new DataSet(Pictures.arrays(4), Nd4j.eye(2).repeat(0, 2)));
        List<String> names = Pictures.dataset(COUNT).classNames();
        TransferLearner twice =
                learner.fineTune(Phase.head().epochs(1), Phase.all().epochs(1));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> twice.validation(new ExistingDataSetIterator(data.iterator(), names))
                        .fit(Pictures.dataset(COUNT)))
                .withMessageContaining("can't be reset (resetSupported() is false)")
                .withMessageContaining("validate with an ImageDataset, or with an iterator that can");

        try (ImageClassifier once = learner.fineTune(Phase.head().epochs(1))
                        .validation(new ExistingDataSetIterator(data.iterator(), names))
                        .fit(Pictures.dataset(COUNT));
                ImageClassifier reset =
                        twice.validation(new NamedIterator(data, names)).fit(Pictures.dataset(COUNT))) {
            assertThat(once.history().last().orElseThrow().validationLoss()).isPresent();
            assertThat(reset.history().last().orElseThrow().validationLoss()).isPresent();
        }
    }

    private static RecordingListener refused(TransferLearner learner, Class<? extends Exception> type, String message) {
        RecordingListener recording = new RecordingListener();
        assertThatThrownBy(() -> learner.listener(recording).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(type)
                .hasMessageContaining(message);
        return recording;
    }

    /** Where images are decoded, where features of them are kept, and where these are learned from. */
    @Test
    void aBatchOfALaterPhaseThatJavaCanNotAddressIsRefusedBeforeTheFirst() {
        Phase first = Phase.head().epochs(1);

        assertThat(refused(
                                averaged().fineTune(first, Phase.head().inputSize(4000, 4000)),
                                IllegalArgumentException.class,
                                "phase 2: a batch must fit in 2 GiB, but 24 images of 4000x4000 do not")
                        .events)
                .isEmpty();
        assertThat(refused(
                                averaged()
                                        .batchSize(20)
                                        .fineTune(first, Phase.all().inputSize(4000, 4000)),
                                IllegalArgumentException.class,
                                "phase 2: a batch must fit in 2 GiB, but 20 images of 4000x4000 do not")
                        .events)
                .isEmpty();
        assertThat(refused(
                                TransferLearner.of(Backbone.vgg16().upTo("block1_conv2"))
                                        .weights(Weights.random())
                                        .inputSize(32, 32)
                                        .head(Head.globalAveragePooling())
                                        .fineTune(
                                                first,
                                                Phase.from("block1_conv2").inputSize(650, 650)),
                                IllegalArgumentException.class,
                                "phase 2: a batch must fit in 2 GiB, but 24 images' features of [")
                        .events)
                .isEmpty();
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void memoryThatALaterPhaseNeedsIsAskedForBeforeTheFirst() {
        String before = System.getProperty("transfer4j.memory");
        try {
            System.setProperty("transfer4j.memory", "32m");
            assertThat(refused(
                                    averaged()
                                            .fineTune(
                                                    Phase.head().epochs(1),
                                                    Phase.all().epochs(1).inputSize(600, 600),
                                                    Phase.all().epochs(1).inputSize(16, 16)),
                                    MemoryLimitException.class,
                                    "phase 2: a step of training on 8 images of 600x600 needs ")
                            .events)
                    .isEmpty();
        } finally {
            if (before == null) {
                System.clearProperty("transfer4j.memory");
            } else {
                System.setProperty("transfer4j.memory", before);
            }
        }
    }

    @Test
    void aRateThatIsNoFloatIsRefusedBeforeAnyWork() {
        TransferLearner fast =
                learner.optimizer(Optimizer.sgd(1e30)).fineTune(Phase.all().learningRateFactor(1e30));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fast.fit(Pictures.dataset(COUNT)))
                .withMessageStartingWith("the learning rate must be finite, but the factors of a phase make 1.0")
                .withMessageContaining("Infinity as a float");
    }

    @Test
    void aSizeThatIsNoneIsRefusedAtItsStep() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Phase.all().inputSize(-1, 0))
                .withMessage("images are 1x1 or larger, got -1x0");
    }
}
