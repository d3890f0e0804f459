package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;

/** How long a fit trains where nobody said it. */
class DefaultEpochsTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits();
    private static final TransferLearner LEARNER =
            TransferLearner.of(TinyBackbones.plain()).weights(Weights.random()).inputSize(8, 8);

    private static long epochs(TransferLearner learner, int images) {
        try (ImageClassifier classifier = learner.fit(DIGITS.limit(images))) {
            return classifier.history().epochs().size();
        }
    }

    @Test
    void aHeadAloneTakesThreeThousandStepsAHundredEpochsOrThirtyThousandSteps() {
        assertThat(epochs(LEARNER, 600)).isEqualTo(158); // of 19 steps
        assertThat(epochs(LEARNER.batchSize(8), 600)).isEqualTo(100); // of 75
        assertThat(epochs(LEARNER.batchSize(1), 400)).isEqualTo(75); // of 400
        assertThat(epochs(LEARNER.optimizer(Optimizer.sgd(0.01)), 600)).isEqualTo(158);
        assertThat(epochs(
                        LEARNER.augmentation(Augmentation.none().translation(0.1))
                                .cachedVariants(2),
                        600))
                .isEqualTo(158);
    }

    @Test
    void orAThousandWhereAnImageHasMoreThan1024Features() {
        TransferLearner wide = LEARNER.inputSize(48, 48);
        assertThat(epochs(wide, 600)).as("8 x 12 x 12 features").isEqualTo(53);
        assertThat(epochs(LEARNER.inputSize(44, 44), 600)).as("8 x 11 x 11").isEqualTo(158);
        assertThat(epochs(wide.head(Head.globalAveragePooling()), 600)).as("8").isEqualTo(158);
    }

    @Test
    void butNotFewerThanTenEpochsNorMoreThan250() {
        assertThat(epochs(LEARNER.inputSize(48, 48).batchSize(1), 400)).isEqualTo(10);
        assertThat(epochs(LEARNER, 30)).isEqualTo(250);
    }

    @Test
    void whatIsGivenIsTaken() {
        assertThat(epochs(LEARNER.epochs(3), 300)).isEqualTo(3);
        assertThat(epochs(LEARNER.fineTune(Phase.head().epochs(2)), 300)).isEqualTo(2);
    }

    @Test
    void whereEpochsCostTimeThereAreTen() {
        assertThat(epochs(LEARNER.unfreezeAll(), 40)).isEqualTo(10);
        assertThat(epochs(LEARNER.freezeUpTo("pool1"), 40)).isEqualTo(10);
        assertThat(epochs(
                        LEARNER.augmentation(Augmentation.none().translation(0.1))
                                .freshPasses(),
                        40))
                .isEqualTo(10);
    }

    @Test
    void eachPhaseHasItsOwn() {
        try (ImageClassifier classifier =
                LEARNER.fineTune(Phase.head(), Phase.from("conv2")).fit(DIGITS.limit(600))) {
            assertThat(classifier.history().epochs().stream().map(EpochRecord::phase))
                    .hasSize(168)
                    .filteredOn(phase -> phase == 1)
                    .hasSize(158);
        }
    }

    @Test
    void anIteratorHasAsManyAsADatasetOfItsImages() {
        ImageDataset digits = DIGITS.limit(600);
        INDArray pixels =
                LEARNER.unfreezeAll().preprocessing(ImagePreprocessing.none()).features(digits);
        INDArray labels = Nd4j.zeros(600, 10);
        for (int i = 0; i < 600; i++) {
            labels.putScalar(i, digits.classIndex(i), 1);
        }
        NamedIterator iterator = new NamedIterator(new DataSet(pixels, labels), digits.classNames());
        try (ImageClassifier classifier = LEARNER.fit(iterator)) {
            assertThat(classifier.history().epochs()).hasSize(158);
        }
    }

    @Test
    void anEstimateCountsThem() {
        assertThat(LEARNER.estimate(DIGITS.limit(600)).phases().get(0).epochs()).isEqualTo(158);
    }

    @Test
    void aScheduleThatEndsBeforeThemIsRefused() {
        TransferLearner learner = LEARNER.optimizer(
                Optimizer.adam(1e-3).schedule(Schedule.cosine().over(20)));
        assertThatThrownBy(() -> learner.fit(DIGITS.limit(600)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ends after 20 epochs, but the training has 158");
    }
}
