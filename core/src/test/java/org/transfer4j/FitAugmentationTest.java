package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

class FitAugmentationTest {
    private static final int COUNT = 24;
    private static final ImageDataset DATA = SampleDatasets.digits().limit(COUNT);
    private static final Augmentation AUGMENTATION = Augmentation.digits().randomErasing(0.5);

    private NativeOps openMp;
    private int threads;

    /** Small steps on DL4J: on a busy machine nearly all of their time is threads that wait for each other. */
    @BeforeEach
    void runAlone() {
        assertThat(Nd4j.getExecutioner()).as("loads the native library").isNotNull();
        openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        threads = openMp.ompGetMaxThreads();
        openMp.setOmpNumThreads(1);
    }

    @AfterEach
    void runTogetherAgain() {
        openMp.setOmpNumThreads(threads);
    }

    /** All that a fit decides. */
    private record Outcome(Map<String, List<Integer>> weights, TrainingHistory history) {
        static Outcome of(ImageClassifier fitted) {
            try (fitted) {
                return new Outcome(
                        Bits.of(fitted.toComputationGraph()), fitted.history().withoutTiming());
            }
        }

        List<Double> losses() {
            return history.epochs().stream().map(EpochRecord::loss).toList();
        }
    }

    private static TransferLearner learner(String freeze) {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .preprocessing(ImagePreprocessing.unit())
                .head(Head.flatten().dense(8))
                .augmentation(AUGMENTATION)
                .batchSize(10)
                .epochs(3);
        return switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };
    }

    private static Outcome fit(TransferLearner learner) {
        return Outcome.of(learner.fit(DATA));
    }

    /** Weights that don't move let the losses tell whether the images do. */
    private static TransferLearner still(String freeze) {
        return learner(freeze).optimizer(Optimizer.sgd(1e-30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "pool1", "none"})
    void theSameSeedGivesTheSameBitsAndAnotherOthers(String freeze) {
        Outcome first = fit(learner(freeze));
        assertThat(fit(learner(freeze))).isEqualTo(first);
        assertThat(fit(learner(freeze).seed(43)).weights()).isNotEqualTo(first.weights());
        assertThat(fit(learner(freeze).augmentation(Augmentation.none())).weights())
                .isNotEqualTo(first.weights());
    }

    /** Every image is another one in every epoch; with as many variants kept as epochs, the same other one. */
    @ParameterizedTest
    @CsvSource({"all, 3", "all, 33", "pool1, 10"})
    void asManyVariantsAsEpochsAreFreshPasses(String freeze, int batchSize) {
        TransferLearner learner = learner(freeze).batchSize(batchSize);
        assertThat(fit(learner.freshPasses())).isEqualTo(fit(learner.cachedVariants(3)));
        assertThat(fit(learner.freshPasses())).isNotEqualTo(fit(learner.cachedVariants(2)));
    }

    @Test
    void fourVariantsAreTheDefault() {
        assertThat(fit(learner("all").epochs(5)))
                .isEqualTo(fit(learner("all").epochs(5).cachedVariants(4)));
    }

    @Test
    void variantsComeInTurn() {
        List<Double> losses = fit(still("all").cachedVariants(2).epochs(4)).losses();
        assertThat(losses.get(2)).isCloseTo(losses.get(0), within(1e-5));
        assertThat(losses.get(3)).isCloseTo(losses.get(1), within(1e-5));
        assertThat(losses.get(1)).isNotCloseTo(losses.get(0), within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "none"})
    void freshImagesDifferFromEpochToEpoch(String freeze) {
        List<Double> losses = fit(still(freeze).freshPasses()).losses();
        assertThat(losses.get(1)).isNotCloseTo(losses.get(0), within(1e-4));
        assertThat(losses.get(2)).isNotCloseTo(losses.get(0), within(1e-4));
        List<Double> plain =
                fit(still(freeze).augmentation(Augmentation.none())).losses();
        assertThat(plain.get(1)).isCloseTo(plain.get(0), within(1e-5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "none"})
    void validationPredictionAndFeaturesSeeImagesAsTheyAre(String freeze) {
        TransferLearner learner = still(freeze).validationSplit(0.3).epochs(1);
        TransferLearner plain = learner.augmentation(Augmentation.none());
        try (ImageClassifier augmented = learner.fit(DATA);
                ImageClassifier without = plain.fit(DATA)) {
            EpochRecord epoch = augmented.history().epochs().get(0);
            EpochRecord expected = without.history().epochs().get(0);
            assertThat(epoch.validationLoss())
                    .isEqualTo(expected.validationLoss())
                    .isNotEmpty();
            assertThat(epoch.loss()).isNotCloseTo(expected.loss(), within(1e-4));
            assertThat(augmented.predict(DATA).toString())
                    .isEqualTo(without.predict(DATA).toString());
        }
        assertThat(Bits.of(learner.features(DATA))).isEqualTo(Bits.of(plain.features(DATA)));
    }

    @Test
    void listenersHearOfEveryVariant() {
        RecordingListener listener = new RecordingListener();
        fit(learner("all").cachedVariants(3).listener(listener));
        assertThat(listener.events).startsWith("features of " + 3 * COUNT).contains("epoch 1/3 of " + COUNT);
    }

    @Test
    void mixedImagesAreTheSameCachedAndFresh() {
        TransferLearner learner =
                learner("all").augmentation(AUGMENTATION.mixUp(0.4).cutMix(1));
        Outcome fresh = fit(learner.freshPasses());
        assertThat(fit(learner.cachedVariants(3))).isEqualTo(fresh);
        assertThat(fit(learner.cachedVariants(2).epochs(3)).weights()).isNotEqualTo(fresh.weights());
        assertThat(fit(learner("all").freshPasses()).losses()).isNotEqualTo(fresh.losses());
    }

    @Test
    void unfrozenNetworksLearnMixtures() {
        TransferLearner learner =
                learner("none").augmentation(Augmentation.none().mixUp(1)).epochs(2);
        Outcome first = fit(learner);
        assertThat(fit(learner)).isEqualTo(first);
        assertThat(first.losses())
                .allSatisfy(loss -> assertThat(loss).isPositive().isFinite());
    }

    @Test
    void iteratorsCanNotBeMixed() {
        TransferLearner learner =
                learner("all").augmentation(Augmentation.none().cutMix(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(iterator(24)))
                .withMessageContaining("mixUp and cutMix need an ImageDataset");
    }

    private static NamedIterator iterator(int batch) {
        INDArray pixels = Nd4j.create(DataType.FLOAT, COUNT, 1, 8, 8);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, COUNT, 10);
        for (int i = 0; i < COUNT; i++) {
            pixels.get(NDArrayIndex.interval(i, i + 1)).assign(DATA.image(i));
            labels.putScalar(i, DATA.classIndex(i), 1);
        }
        List<DataSet> batches = new ArrayList<>();
        for (int from = 0; from < COUNT; from += batch) {
            var rows = NDArrayIndex.interval(from, Math.min(from + batch, COUNT));
            batches.add(new DataSet(pixels.get(rows), labels.get(rows)));
        }
        return new NamedIterator(batches, DATA.classNames());
    }

    @ParameterizedTest
    @CsvSource({"all, 24", "all, 5", "none, 9"})
    void iteratorsAreReadOnceIntoVariants(String freeze, int batch) {
        assertThat(Outcome.of(learner(freeze).fit(iterator(batch)))).isEqualTo(fit(learner(freeze)));
    }

    @Test
    void iteratorsCanNotBeReadAnewInEachEpoch() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner("all").freshPasses().fit(iterator(24)))
                .withMessageContaining("cachedVariants");
        // without augmentation there is nothing to read anew
        learner("all")
                .augmentation(Augmentation.none())
                .freshPasses()
                .epochs(1)
                .fit(iterator(24))
                .close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001})
    void refusesOtherNumbersOfVariants(int count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner("all").cachedVariants(count))
                .withMessage("cachedVariants must be within 1 and 1000, got " + count);
    }
}
