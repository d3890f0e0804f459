package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.ImageException;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class FitIteratorTest {
    private static final int COUNT = 45;
    private static final List<String> NAMES = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private final ImageDataset digits = SampleDatasets.digits().limit(COUNT);
    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(8)
            .epochs(2);

    private INDArray pixels() {
        INDArray all = Nd4j.create(DataType.FLOAT, COUNT, 1, 8, 8);
        for (int i = 0; i < COUNT; i++) {
            all.get(NDArrayIndex.interval(i, i + 1)).assign(digits.image(i));
        }
        return all;
    }

    private INDArray labels() {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, COUNT, 10);
        for (int i = 0; i < COUNT; i++) {
            labels.putScalar(i, digits.classIndex(i), 1);
        }
        return labels;
    }

    /** Batches of the given size over the digits, the last one shorter. */
    private List<DataSet> batches(INDArray pixels, INDArray labels, int size) {
        List<DataSet> batches = new ArrayList<>();
        for (int from = 0; from < pixels.size(0); from += size) {
            var rows = NDArrayIndex.interval(from, Math.min(from + size, pixels.size(0)));
            batches.add(new DataSet(pixels.get(rows), labels.get(rows)));
        }
        return batches;
    }

    private void assertSameAsDataset(TransferLearner learner, DataSetIterator iterator) {
        try (ImageClassifier byIterator = learner.fit(iterator);
                ImageClassifier byDataset = learner.fit(digits)) {
            assertThat(Bits.of(byIterator.toComputationGraph())).isEqualTo(Bits.of(byDataset.toComputationGraph()));
            assertThat(byIterator.history().withoutTiming())
                    .isEqualTo(byDataset.history().withoutTiming());
            assertThat(byIterator.predict(digits).toString())
                    .isEqualTo(byDataset.predict(digits).toString());
            assertThat(byIterator.classNames()).isEqualTo(NAMES);
        }
    }

    @ParameterizedTest
    @CsvSource({"all, 1", "all, 7", "all, 32", "all, 45", "pool1, 45", "none, 20"})
    void theSamePixelsGiveTheSameClassifier(String freeze, int batch) {
        TransferLearner same = switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };

        assertSameAsDataset(same, new NamedIterator(batches(pixels(), labels(), batch), NAMES));
    }

    @Test
    void anyNumberTypeWillDo() {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.UINT8, DataType.INT32}) {
            assertSameAsDataset(
                    learner,
                    new NamedIterator(batches(pixels().castTo(type), labels().castTo(DataType.DOUBLE), 16), NAMES));
        }
    }

    @Test
    void aPreprocessorOfTheIteratorRunsFirst() {
        NamedIterator iterator = new NamedIterator(batches(pixels(), labels(), 16), NAMES);
        iterator.setPreProcessor(new GrayToRgbResizer(16, 16));

        assertSameAsDataset(learner, iterator);
    }

    @Test
    void anIteratorIsResetBeforeItIsRead() {
        NamedIterator iterator = new NamedIterator(batches(pixels(), labels(), 16), NAMES);
        iterator.next();

        assertSameAsDataset(learner, iterator);

        assertThat(iterator.resets()).isEqualTo(1);
    }

    @Test
    void theNamesAreTheIterators() {
        List<DataSet> batches = List.of(new DataSet(Pictures.arrays(2), Nd4j.eye(2)));
        try (ImageClassifier classifier = learner.fit(new NamedIterator(batches, List.of("zebra", "ant")))) {
            assertThat(classifier.classNames()).containsExactly("zebra", "ant");
        }
    }

    @Test
    void withoutNamesTheyAreNumbers() {
        DataSet data = new DataSet(pixels(), labels());
        assertSameAsDataset(learner, new ListDataSetIterator<>(data.asList(), 16));
    }

    @Test
    void withoutNamesAndCountTheClassesAreUnknown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(new NamedIterator(batches(pixels(), labels(), 16), null)))
                .withMessageContaining("has no labels (getLabels())")
                .withMessageContaining("totalOutcomes() is 0");
    }

    @Test
    void namesMustDiffer() {
        List<DataSet> batches = List.of(new DataSet(Pictures.arrays(2), Nd4j.eye(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(new NamedIterator(batches, List.of("a", "a"))))
                .withMessage("the iterator's class names must differ, got [a, a]");
    }

    @Test
    void dl4jsOwnIteratorOverAnythingIsRead() {
        ExistingDataSetIterator iterator = new ExistingDataSetIterator(batches(pixels(), labels(), 16), NAMES);
        assertSameAsDataset(learner, iterator);
    }

    private void assertRefused(INDArray features, INDArray labels, String... message) {
        List<DataSet> batches = List.of(new DataSet(Pictures.arrays(2), Nd4j.eye(2)), new DataSet(features, labels));
        NamedIterator iterator = new NamedIterator(batches, List.of("a", "b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(iterator))
                .satisfies(refused -> assertThat(refused.getMessage()).contains(message));
    }

    @Test
    void featuresOfAnotherShapeAreRefused() {
        assertRefused(Nd4j.zeros(2, 64), Nd4j.eye(2), "pixels [N, 1 or 3, H, W]", "[2, 64]");
        assertRefused(Nd4j.zeros(2, 2, 8, 8), Nd4j.eye(2), "pixels [N, 1 or 3, H, W]", "[2, 2, 8, 8]");
        assertRefused(Nd4j.zeros(2, 8, 8, 3), Nd4j.eye(2), "[2, 8, 8, 3]");
    }

    @Test
    void labelsThatAreNotOneHotAreRefused() {
        INDArray images = Pictures.arrays(2);
        assertRefused(images, Nd4j.eye(3).get(NDArrayIndex.interval(0, 2)), "one-hot [2, 2]", "[2, 3]");
        assertRefused(
                images,
                Nd4j.createFromArray(new float[][] {{1, 0}, {1, 1}}),
                "image 3 of the iterator must be one-hot");
        assertRefused(images, Nd4j.createFromArray(new float[][] {{1, 0}, {0, 0}}), "one-hot");
        assertRefused(images, Nd4j.createFromArray(new float[][] {{0.5f, 0.5f}, {1, 0}}), "one-hot");
        assertRefused(images, Nd4j.createFromArray(new float[][] {{2, -1}, {1, 0}}), "one-hot");
        assertRefused(images, null, "one-hot", "none");
    }

    @Test
    void theHeadMustHaveAsManyClasses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.head(3).fit(new NamedIterator(batches(pixels(), labels(), 16), NAMES)))
                .withMessageContaining("the head has 3 classes, the data has 10");
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-1", "300"})
    void aPixelThatIsNoneIsNamedWithItsImage(float value) {
        INDArray pixels = pixels();
        pixels.putScalar(new int[] {37, 0, 2, 3}, value);
        for (ImagePreprocessing preprocessing : List.of(ImagePreprocessing.unit(), ImagePreprocessing.none())) {
            if (Float.isFinite(value) && preprocessing.equals(ImagePreprocessing.none())) {
                continue; // any finite value is right there
            }
            assertThatThrownBy(() -> learner.preprocessing(preprocessing)
                            .fit(new NamedIterator(batches(pixels, labels(), 16), NAMES)))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("image 37 of the iterator")
                    .hasMessageContaining(Float.toString(value));
        }
    }

    @Test
    void pixelsThatWereScaledAlreadyAreRefused() {
        NamedIterator scaled = new NamedIterator(batches(pixels().div(255), labels(), 16), NAMES);
        assertThatThrownBy(() -> learner.fit(scaled))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("scaled already")
                .hasMessageContaining("ImagePreprocessing.none()");
        learner.preprocessing(ImagePreprocessing.none()).fit(scaled).close();
    }
}
