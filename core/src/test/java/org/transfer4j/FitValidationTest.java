package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;

class FitValidationTest {
    private static final int COUNT = 40;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(8)
            .epochs(2);

    private static EpochRecord last(ImageClassifier classifier) {
        return classifier.history().last().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFiguresAreThoseOfAnEvaluation(boolean frozen) {
        ImageDataset held = Pictures.dataset(COUNT).select(33, 3, 8, 20, 21, 22, 23, 24, 25, 26, 27);
        TransferLearner validated = (frozen ? learner : learner.unfreezeAll()).validation(held);

        try (ImageClassifier classifier = validated.fit(Pictures.dataset(COUNT))) {
            EvaluationReport report = classifier.evaluate(held);
            assertThat(last(classifier).validationAccuracy()).hasValue(report.accuracy());
            assertThat(last(classifier).validationLoss().orElseThrow()).isCloseTo(report.loss(), within(1e-6));
        }
    }

    @Test
    void itDoesNotChangeTheTraining() {
        try (ImageClassifier without = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier with = learner.validation(Pictures.dataset(9)).fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(with.toComputationGraph())).isEqualTo(Bits.of(without.toComputationGraph()));
            assertThat(last(with).loss()).isEqualTo(last(without).loss());
        }
    }

    @Test
    void aSplitIsThatOfTheDatasetWithTheSeed() {
        DatasetSplit split = Pictures.dataset(COUNT).split(0.75, 42);
        assertThat(split.test().size()).isEqualTo(10);

        try (ImageClassifier bySplit = learner.validationSplit(0.25).fit(Pictures.dataset(COUNT));
                ImageClassifier byData = learner.validation(split.test()).fit(split.train())) {
            assertThat(bySplit.history().withoutTiming())
                    .isEqualTo(byData.history().withoutTiming());
            assertThat(Bits.of(bySplit.toComputationGraph())).isEqualTo(Bits.of(byData.toComputationGraph()));
        }
    }

    @Test
    void anIteratorGivesTheSameFiguresAsADataset() {
        DataSet held = new DataSet(Pictures.arrays(7), labels(7));
        held.setLabelNames(List.of("blue", "red"));

        try (ImageClassifier byIterator = learner.validation(new NamedIterator(held, List.of("blue", "red")))
                        .fit(Pictures.dataset(COUNT));
                ImageClassifier byData = learner.validation(Pictures.dataset(7)).fit(Pictures.dataset(COUNT))) {
            assertThat(byIterator.history().withoutTiming())
                    .isEqualTo(byData.history().withoutTiming());
        }
    }

    /** One-hot rows: "red" for even pictures, index 1, "blue" for odd ones, index 0. */
    private static INDArray labels(int count) {
        float[][] rows = new float[count][2];
        for (int i = 0; i < count; i++) {
            rows[i][i % 2 == 0 ? 1 : 0] = 1;
        }
        return Nd4j.createFromArray(rows);
    }

    /** Of other classes, or of the same in another order, or of some of them. */
    @Test
    void classesAreMatchedByName() {
        ImageDataset training = ImageDataset.of(
                Pictures.arrays(12), List.of("c", "a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b"));
        ImageDataset some = ImageDataset.of(
                Pictures.arrays(12),
                training.classNames().subList(1, 3).stream()
                        .flatMap(name -> Stream.generate(() -> name).limit(6))
                        .toList());
        assertThat(some.classNames()).containsExactly("b", "c");

        try (ImageClassifier classifier = learner.validation(some).fit(training)) {
            EvaluationReport report = classifier.evaluate(some);
            assertThat(report.confusionMatrix().actualCount(0)).isZero();
            assertThat(report.confusionMatrix().actualCount(2)).isEqualTo(6);
            assertThat(last(classifier).validationAccuracy()).hasValue(report.accuracy());
        }
    }

    @Test
    void anIteratorWithoutImagesIsRefused() {
        NamedIterator empty = new NamedIterator(List.of(), List.of("blue", "red"));
        assertThatThrownBy(() -> learner.validation(empty).fit(Pictures.dataset(4)))
                .isInstanceOf(DatasetException.class)
                .hasMessage("the validation data is empty: it needs 1 image or more");
        assertThatThrownBy(() -> learner.fit(empty))
                .isInstanceOf(DatasetException.class)
                .hasMessage("the training data is empty: it needs 1 image or more");
    }

    @Test
    void anIteratorWithoutNamesHasNumbers() {
        ListDataSetIterator<DataSet> held =
                new ListDataSetIterator<>(new DataSet(Pictures.arrays(4), labels(4)).asList(), 2);
        ImageDataset numbered = ImageDataset.of(Pictures.arrays(8), new int[] {1, 0, 1, 0, 1, 0, 1, 0});

        try (ImageClassifier classifier = learner.validation(held).fit(numbered)) {
            assertThat(last(classifier).validationLoss()).isPresent();
        }
        assertThatThrownBy(() -> learner.validation(held).fit(Pictures.dataset(4)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("unknown: [0, 1]");
    }
}
