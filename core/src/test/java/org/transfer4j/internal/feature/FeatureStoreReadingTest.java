package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.testing.Bits;

class FeatureStoreReadingTest {
    private static final int ROWS = 23;

    @TempDir
    Path folder;

    static Stream<long[]> shapes() {
        return Stream.of(new long[] {1}, new long[] {7}, new long[] {2, 3, 4}, new long[] {512, 1, 1});
    }

    private static INDArray features(long... shape) {
        long[] all = new long[shape.length + 1];
        all[0] = ROWS;
        System.arraycopy(shape, 0, all, 1, shape.length);
        return Nd4j.arange((double) Nd4j.create(DataType.FLOAT, all).length())
                .castTo(DataType.FLOAT)
                .reshape('c', all);
    }

    /** Written in three pieces; the class of row i is i * i. */
    private FeatureStore filled(INDArray features, long... shape) {
        FeatureStore store = FeatureStore.create(folder, shape, ROWS);
        int[] classes = IntStream.range(0, ROWS).map(i -> i * i).toArray();
        for (int from = 0; from < ROWS; from += 10) {
            int to = Math.min(ROWS, from + 10);
            store.append(new Batch(
                    features.get(NDArrayIndex.interval(from, to)).dup('c'),
                    IntStream.range(from, to).map(i -> classes[i]).toArray()));
        }
        return store;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void rowsAreReadInAnyOrder(long[] shape) {
        INDArray features = features(shape);
        int[] order = new Random(1).ints(40, 0, ROWS).toArray();
        try (FeatureStore store = filled(features, shape);
                BatchStream batches = store.batches(order, 9)) {
            assertThat(store.size()).isEqualTo(ROWS);
            int seen = 0;
            while (batches.hasNext()) {
                Batch batch = batches.next();
                assertThat(batch.size()).isEqualTo(Math.min(9, order.length - seen));
                assertThat(batch.features().size(0)).isEqualTo(batch.size());
                assertThat(batch.features().rank()).isEqualTo(shape.length + 1);
                for (int i = 0; i < batch.size(); i++) {
                    int row = order[seen + i];
                    assertThat(batch.classIndices()[i]).isEqualTo(row * row);
                    assertThat(Bits.of(batch.features().get(NDArrayIndex.interval(i, i + 1))))
                            .isEqualTo(Bits.of(features.get(NDArrayIndex.interval(row, row + 1))));
                }
                seen += batch.size();
            }
            assertThat(seen).isEqualTo(order.length);
        }
    }

    @Test
    void rowsCanBeCopiedToAnywhere() {
        INDArray features = features(5);
        try (FeatureStore store = filled(features, 5);
                BatchStream batches = store.batches(new int[] {4, 22, 0}, 3)) {
            Batch batch = batches.next();
            ByteBuffer target = ByteBuffer.allocateDirect(2 * 5 * Float.BYTES).order(ByteOrder.nativeOrder());

            batch.copyValues(1, 0, 5, target);
            batch.copyValues(2, 0, 2, target);
            batch.copyValues(2, 2, 5, target);

            assertThat(batch.rowLength()).isEqualTo(5);
            float[] copied = new float[10];
            target.flip().asFloatBuffer().get(copied);
            assertThat(copied).containsExactly(110, 111, 112, 113, 114, 0, 1, 2, 3, 4);
        }
    }

    @Test
    void partsOfOtherArraysAreStoredAsWhatTheyAre() {
        INDArray features = features(2, 3, 4);
        try (FeatureStore store = FeatureStore.create(folder, new long[] {2, 3, 4}, -1)) {
            store.append(new Batch(features.get(NDArrayIndex.interval(3, 5)), new int[] {0, 1}));
            store.append(new Batch(features.get(NDArrayIndex.interval(7, 8)).dup('f'), new int[] {2}));
            try (BatchStream batches = store.batches(new int[] {0, 1, 2}, 3)) {
                assertThat(Bits.of(batches.next().features()))
                        .isEqualTo(Bits.of(Nd4j.concat(
                                0,
                                features.get(NDArrayIndex.interval(3, 5)),
                                features.get(NDArrayIndex.interval(7, 8)))));
            }
        }
    }

    @Test
    void itGrowsBeyondWhatWasExpected() {
        try (FeatureStore store = FeatureStore.create(folder, new long[] {1}, 1)) {
            for (int i = 0; i < 3000; i += 500) {
                store.append(new Batch(Nd4j.valueArrayOf(new long[] {500, 1}, i, DataType.FLOAT), new int[500]));
            }
            assertThat(store.size()).isEqualTo(3000);
            try (BatchStream batches = store.batches(new int[] {2999, 0}, 2)) {
                assertThat(batches.next().features().toFloatVector()).containsExactly(2500, 0);
            }
        }
    }

    @Test
    void rowsOfAnotherShapeAreRefused() {
        try (FeatureStore store = FeatureStore.create(folder, new long[] {4}, -1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.append(new Batch(Nd4j.zeros(DataType.FLOAT, 2, 5), new int[2])))
                    .withMessage("expected 2 rows of [4], got [2, 5]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.append(new Batch(Nd4j.zeros(DataType.FLOAT, 2, 4), new int[3])));
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void nothingIsLeftAfterClose() {
        FeatureStore store = filled(features(3), 3);
        store.close();
        store.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void moreThanTheDiskHoldsIsRefusedAtOnce() {
        assertThatThrownBy(() -> FeatureStore.create(folder, new long[] {25_088}, 1L << 50))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.toString())
                // how much is left changes from moment to moment
                .rootCause()
                .hasMessageMatching("the features need "
                        + BigInteger.valueOf(25_088L * 4).shiftLeft(50) + " bytes, the temporary folder "
                        + folder + " has [0-9]+ left; freeze more layers, pool globally, or set java.io.tmpdir to"
                        + " another folder");
        assertThat(folder).isEmptyDirectory();
    }
}
