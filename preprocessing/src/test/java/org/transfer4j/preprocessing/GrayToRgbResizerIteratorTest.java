package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.TestDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The resizer as a preprocessor of ND4J's own iterators. */
class GrayToRgbResizerIteratorTest {
    private final INDArray images =
            Nd4j.arange(5 * 28).muli(3).fmodi(256).castTo(DataType.FLOAT).reshape(5, 1, 4, 7);
    private final INDArray labels = Nd4j.eye(5).castTo(DataType.FLOAT);
    private final GrayToRgbResizer resizer = new GrayToRgbResizer(6, 5);

    @Test
    void everyBatchIsReplacedAndLabelsStay() {
        assertBatches(new ViewIterator(new DataSet(images, labels), 2), 2);
    }

    /** This iterator hands out the same data sets again, already resized, after a reset. */
    @Test
    void aSecondEpochGivesTheSame() {
        DataSetIterator iterator = new TestDataSetIterator(new DataSet(images.dup(), labels.dup()), 2);
        assertBatches(iterator, 2);
        iterator.reset();
        assertBatches(iterator, 2);
    }

    @Test
    void itRunsInTheThreadOfAnAsynchronousIterator() {
        DataSetIterator inner = new ViewIterator(new DataSet(images, labels), 1);
        inner.setPreProcessor(resizer);
        AsyncDataSetIterator asynchronous = new AsyncDataSetIterator(inner, 2);
        try {
            assertSameImages(asynchronous);
        } finally {
            asynchronous.shutdown();
        }
    }

    @Test
    void aDataSetWithoutFeaturesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.preProcess(new DataSet()))
                .withMessageContaining("no features");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.preProcess(null))
                .withMessageContaining("no features");
    }

    private void assertBatches(DataSetIterator iterator, int size) {
        iterator.setPreProcessor(resizer);
        assertThat(iterator.batch()).isEqualTo(size);
        assertSameImages(iterator);
    }

    private void assertSameImages(DataSetIterator iterator) {
        INDArray expected = resizer.apply(images);
        int seen = 0;
        while (iterator.hasNext()) {
            DataSet batch = iterator.next();
            int end = seen + batch.numExamples();
            INDArray features = batch.getFeatures();
            assertThat(features.shape()).containsExactly(end - seen, 3, 6, 5);
            for (int i = seen; i < end; i++) {
                assertThat(features.slice(i - seen)).isEqualTo(expected.slice(i));
                assertThat(batch.getLabels().get(NDArrayIndex.point(i - seen), NDArrayIndex.all()))
                        .isEqualTo(labels.get(NDArrayIndex.point(i), NDArrayIndex.all()));
            }
            seen = end;
        }
        assertThat(seen).isEqualTo(5);
    }
}
