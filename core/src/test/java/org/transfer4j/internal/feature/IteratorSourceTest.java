package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Batches of any size come in, batches of at most ours go out, in the same order. */
class IteratorSourceTest {
    private static final List<String> NAMES = List.of("even", "odd");

    /** Images of one pixel, whose value is their number. */
    private static DataSetIterator numbered(int... sizes) {
        List<DataSet> batches = new ArrayList<>();
        int number = 0;
        for (int size : sizes) {
            INDArray pixels = Nd4j.create(DataType.FLOAT, size, 1, 1, 1);
            INDArray labels = Nd4j.create(DataType.FLOAT, size, 2);
            for (int i = 0; i < size; i++) {
                pixels.putScalar(i, 0, 0, 0, number);
                labels.putScalar(i, number % 2, 1);
                number++;
            }
            batches.add(new DataSet(pixels, labels));
        }
        return new ExistingDataSetIterator(batches, NAMES);
    }

    private static List<Integer> sizes(DataSetIterator iterator, int batchSize) {
        List<Integer> sizes = new ArrayList<>();
        int number = 0;
        try (BatchStream batches =
                new IteratorSource(iterator).open(new NetworkInput(1, 1, ImagePreprocessing.none()), batchSize)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                sizes.add(batch.size());
                assertThat(batch.features().shape()).containsExactly(batch.size(), 3, 1, 1);
                for (int i = 0; i < batch.size(); i++, number++) {
                    assertThat(batch.features()
                                    .get(NDArrayIndex.interval(i, i + 1))
                                    .dup('c')
                                    .data()
                                    .asFloat())
                            .containsOnly(number);
                    assertThat(batch.classIndices()[i]).isEqualTo(number % 2);
                }
            }
        }
        return sizes;
    }

    @Test
    void largeBatchesAreCutAndSmallOnesKept() {
        assertThat(sizes(numbered(10), 4)).containsExactly(4, 4, 2);
        assertThat(sizes(numbered(3, 8, 1, 4), 4)).containsExactly(3, 4, 4, 1, 4);
        assertThat(sizes(numbered(), 4)).isEmpty();
    }

    @Test
    void itCanBeOpenedAgain() {
        DataSetIterator iterator = numbered(5);
        assertThat(sizes(iterator, 4)).isEqualTo(sizes(iterator, 4));
    }

    @Test
    void itsSizeIsNotKnown() {
        IteratorSource source = new IteratorSource(numbered(5));
        assertThat(source.size()).isEqualTo(-1);
        assertThat(source.classNames()).isEqualTo(NAMES);
    }

    @Test
    void ofGrayAndColour() {
        DataSet colour = new DataSet(
                Nd4j.createFromArray(1f, 2f, 3f).reshape(1, 3, 1, 1),
                Nd4j.createFromArray(1f, 0f).reshape(1, 2));
        DataSet gray = new DataSet(
                Nd4j.createFromArray(7f).reshape(1, 1, 1, 1),
                Nd4j.createFromArray(0f, 1f).reshape(1, 2));
        IteratorSource source = new IteratorSource(new ExistingDataSetIterator(List.of(colour, gray), NAMES));
        try (BatchStream batches = source.open(new NetworkInput(1, 1, ImagePreprocessing.none()), 4)) {
            assertThat(batches.next().features().dup('c').data().asFloat()).containsExactly(1, 2, 3);
            assertThat(batches.next().features().dup('c').data().asFloat()).containsExactly(7, 7, 7);
        }
    }

    @Test
    void aRelabelledSourceFollowsTheOtherTable() {
        IteratorSource relabelled =
                new IteratorSource(numbered(3)).with(List.of("odd", "other", "even"), false, "validation data");
        assertThat(relabelled.classNames()).containsExactly("odd", "other", "even");
        assertThat(relabelled.size()).isEqualTo(-1);
        try (BatchStream batches = relabelled.open(new NetworkInput(1, 1, ImagePreprocessing.none()), 4)) {
            Batch batch = batches.next();
            assertThat(batch.classIndices()).containsExactly(2, 0, 2);
            assertThat(batch.features().dup('c').data().asFloat()).hasSize(9);
        }
    }

    @Test
    void labelsOfAnotherWidthAreRefusedWithBothNumbers() {
        DataSet wide = new DataSet(Nd4j.zeros(1, 1, 1, 1), Nd4j.eye(3).get(NDArrayIndex.interval(0, 1)));
        IteratorSource source = new IteratorSource(new ExistingDataSetIterator(List.of(wide), NAMES));
        try (BatchStream batches = source.open(new NetworkInput(1, 1, ImagePreprocessing.none()), 4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(batches::next)
                    .withMessage("the iterator's labels must be one-hot [1, 2], got [1, 3]");
        }
    }

    @Test
    void anEmptyBatchIsRefused() {
        DataSet empty = new DataSet(Nd4j.create(DataType.FLOAT, 0, 1, 1, 1), Nd4j.create(DataType.FLOAT, 0, 2));
        IteratorSource source = new IteratorSource(new ExistingDataSetIterator(List.of(empty), NAMES));
        try (BatchStream batches = source.open(new NetworkInput(1, 1, ImagePreprocessing.none()), 4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(batches::next)
                    .withMessage("the iterator's features must be pixels [N, 1 or 3, H, W] with N, H and W at least 1,"
                            + " got [0, 1, 1, 1]");
        }
    }

    @Test
    void theWholeIsWhatCameIn() {
        int[] sizes = IntStream.rangeClosed(1, 12).toArray();
        assertThat(sizes(numbered(sizes), 5).stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(Arrays.stream(sizes).sum());
    }
}
