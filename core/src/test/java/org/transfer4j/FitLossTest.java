package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/** Losses and class weights through the public face. */
class FitLossTest {
    private static final TransferLearner LEARNER = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .optimizer(Optimizer.sgd(1e-12))
            .batchSize(5)
            .epochs(1);

    /** Three images of the first class, blue, six of the second, red. */
    private static ImageDataset uneven() {
        return Pictures.dataset(12).select(0, 2, 4, 6, 8, 10, 1, 3, 5);
    }

    private static EpochRecord only(TransferLearner learner) {
        try (ImageClassifier classifier = learner.validation(uneven()).fit(uneven())) {
            return classifier.history().epochs().get(0);
        }
    }

    @Test
    void weightsAreInTheTrainingLossAndNotInTheValidationLoss() {
        EpochRecord plain = only(LEARNER);
        List<String> classes = uneven().classNames();
        EpochRecord doubled = only(LEARNER.classWeights(Map.of(classes.get(0), 2.0, classes.get(1), 2.0)));
        assertThat(doubled.loss()).isCloseTo(2 * plain.loss(), within(1e-6));
        assertThat(doubled.validationLoss().getAsDouble())
                .isCloseTo(plain.validationLoss().getAsDouble(), within(1e-6));
    }

    @Test
    void smoothingIsInBoth() {
        EpochRecord plain = only(LEARNER);
        EpochRecord smooth = only(LEARNER.loss(Loss.crossEntropy().labelSmoothing(0.5)));
        assertThat(smooth.loss()).isNotCloseTo(plain.loss(), within(1e-3));
        assertThat(smooth.validationLoss().getAsDouble()).isCloseTo(smooth.loss(), within(1e-4));
    }

    @Test
    void evaluationIsPlainCrossEntropy() {
        try (ImageClassifier classifier = LEARNER.loss(Loss.focal(2)).fit(uneven());
                ImageClassifier plain = LEARNER.fit(uneven())) {
            assertThat(classifier.evaluate(uneven()).loss())
                    .isCloseTo(plain.evaluate(uneven()).loss(), within(1e-6));
        }
    }

    /** 9 / (2 * 3) and 9 / (2 * 6). */
    @Test
    void balancedWeightsAreThoseOfScikitLearn() {
        assertThat(ClassWeights.BALANCED.in(new DatasetSource(uneven()), AnswerKind.ONE_CLASS))
                .containsExactly(1.5, 0.75);
        assertThat(ClassWeights.BALANCED.in(new DatasetSource(uneven().select(0, 1, 6, 7)), AnswerKind.ONE_CLASS))
                .containsExactly(1, 1);
        assertThat(ClassWeights.BALANCED.in(new DatasetSource(uneven().select(0, 1)), AnswerKind.ONE_CLASS))
                .as("one class has no images")
                .containsExactly(1, 1);
        List<String> classes = uneven().classNames();
        EpochRecord balanced = only(LEARNER.balancedClassWeights());
        EpochRecord given = only(LEARNER.classWeights(Map.of(classes.get(0), 1.5, classes.get(1), 0.75)));
        assertThat(balanced.withoutTiming()).isEqualTo(given.withoutTiming());
    }

    @Test
    void aClassWithoutAWeightCountsOne() {
        String second = uneven().classNames().get(1);
        assertThat(ClassWeights.of(Map.of(second, 4.0)).in(new DatasetSource(uneven()), AnswerKind.ONE_CLASS))
                .containsExactly(1, 4);
        assertThat(ClassWeights.EQUAL.in(new DatasetSource(uneven()), AnswerKind.ONE_CLASS))
                .isEmpty();
    }

    @Test
    void anUnknownClassIsRefused() {
        TransferLearner learner = LEARNER.classWeights(Map.of("zebra", 2.0, "gnu", 1.0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(uneven()))
                .withMessage("class weights for unknown classes: [gnu, zebra]; the data has " + uneven().classNames());
    }

    @Test
    void weightsArePositive() {
        for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LEARNER.classWeights(Map.of("cat", weight)))
                    .withMessage("a class weight must be positive and finite, got " + weight + " for class cat");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LEARNER.classWeights(Map.of("cat", 1e-60)))
                .withMessage(
                        "a class weight must be positive and finite, got 1.0E-60, which is 0.0 as a float, for class"
                                + " cat");
        assertThatIllegalArgumentException().isThrownBy(() -> LEARNER.classWeights(Map.of("cat", 1e39)));
        Map<String, Double> missing = new HashMap<>();
        missing.put("cat", null);
        assertThatIllegalArgumentException().isThrownBy(() -> LEARNER.classWeights(missing));
    }

    @Test
    void anIteratorDoesNotTellItsLabelsInTime() {
        DataSet batch = new DataSet(Pictures.arrays(2), Nd4j.eye(2));
        NamedIterator iterator = new NamedIterator(batch, List.of("a", "b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LEARNER.balancedClassWeights().fit(iterator))
                .withMessageContaining("balancedClassWeights needs an ImageDataset");
    }
}
