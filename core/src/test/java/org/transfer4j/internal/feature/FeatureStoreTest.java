package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.feature.StoredBatches.RowFile;

class FeatureStoreTest {
    private static final long[] SHAPE = {2, 3};
    private static final int[] ORDER = {4, 0, 6, 2, 2, 5, 1};

    @TempDir
    Path folder;

    @Test
    void batchesComeInTheOrderAskedFor() {
        try (FeatureStore store = filled(folder)) {
            assertBatches(store);
            assertBatches(store);
        }
    }

    @Test
    void aFileSystemThatMapsNothingIsReadFrom() throws IOException {
        try (FileSystem inMemory = Jimfs.newFileSystem(Configuration.unix());
                FeatureStore store = filled(Files.createDirectory(inMemory.getPath("/features")))) {
            assertBatches(store);
        }
    }

    @Test
    void rowsThatWereAddedLaterAreThereToo() {
        try (FeatureStore store = filled(folder)) {
            assertBatches(store);
            store.append(new Batch(rows(7, 2), new int[] {1, 1}));
            try (BatchStream batches = store.batches(new int[] {8, 3}, 2)) {
                assertThat(batches.next().features()).isEqualTo(expected(8, 3));
            }
        }
    }

    @Test
    void aPartOfAnArrayIsStoredAsWhatItIs() {
        try (FeatureStore store = FeatureStore.create(folder, SHAPE, 2)) {
            store.append(new Batch(rows(0, 9).get(NDArrayIndex.interval(4, 6)), new int[2]));
            store.append(new Batch(rows(6, 1).dup('f'), new int[1]));
            try (BatchStream batches = store.batches(new int[] {0, 1, 2}, 3)) {
                assertThat(batches.next().features()).isEqualTo(expected(4, 5, 6));
            }
        }
    }

    @Test
    void nothingIsLeftAndNothingReadAfterClose() {
        FeatureStore store = filled(folder);
        Batch batch = store.batches(ORDER, 3).next();
        store.close();
        assertThat(folder.toFile().list()).isEmpty();
        assertThatThrownBy(batch::features).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMappingInManyPartsHasEveryRow() throws IOException {
        Path file = folder.resolve("rows");
        ByteBuffer values = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 10; i++) {
            values.putInt(i);
        }
        Files.write(file, values.array());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            // rows of 8 bytes, two rows a part
            RowFile mapped = RowFile.mapped(channel, 0, 5, 8, 20);
            RowFile read = RowFile.read(channel, 0, 8);
            for (RowFile rows : new RowFile[] {mapped, read}) {
                ByteBuffer target = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
                for (int row : new int[] {4, 3, 0, 1, 2}) {
                    rows.copy(row, 0, 2, target);
                }
                assertThat(target.position()).isEqualTo(40);
                assertThat(target.getInt(0)).isEqualTo(8);
                assertThat(target.getInt(12)).isEqualTo(7);
                assertThat(target.getInt(20)).isEqualTo(1);
                rows.copy(3, 1, 2, target.position(16));
                assertThat(target.position()).isEqualTo(20);
                assertThat(target.getInt(16)).isEqualTo(7);
                assertThat(target.getInt(20)).isEqualTo(1);
            }
            assertThatThrownBy(() -> read.copy(5, 0, 2, ByteBuffer.allocate(8)))
                    .hasMessageContaining("the file ends at 40");
            mapped.close();
            assertThatThrownBy(() -> mapped.copy(0, 0, 2, ByteBuffer.allocate(8)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    private static FeatureStore filled(Path folder) {
        FeatureStore store = FeatureStore.create(folder, SHAPE, 7);
        store.append(new Batch(rows(0, 3), new int[] {0, 1, 2}));
        store.append(new Batch(rows(3, 4), new int[] {3, 4, 5, 6}));
        return store;
    }

    private static void assertBatches(FeatureStore store) {
        try (BatchStream batches = store.batches(ORDER, 3)) {
            Batch first = batches.next();
            assertThat(first.classIndices()).containsExactly(4, 0, 6);
            assertThat(first.rowLength()).isEqualTo(6);
            assertThat(first.features()).isEqualTo(expected(4, 0, 6));
            Batch second = batches.next();
            ByteBuffer rows = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());
            second.copyValues(1, 0, 6, rows);
            second.copyValues(2, 0, 6, rows);
            assertThat(rows.position()).isEqualTo(48);
            assertThat(rows.getFloat(0)).isEqualTo(20);
            assertThat(rows.getFloat(44)).isEqualTo(55);
            Batch last = batches.next();
            assertThat(last.features()).isEqualTo(expected(1));
            assertThat(batches.hasNext()).isFalse();
        }
    }

    /** Row r has the values 10 r, 10 r + 1, and so on. */
    private static INDArray rows(int from, int count) {
        INDArray rows = Nd4j.create(DataType.FLOAT, count, 2, 3);
        for (int i = 0; i < count; i++) {
            rows.slice(i).assign(expected(from + i).reshape(2, 3));
        }
        return rows;
    }

    private static INDArray expected(int... rows) {
        INDArray expected = Nd4j.create(DataType.FLOAT, rows.length, 2, 3);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < 6; j++) {
                expected.putScalar(new int[] {i, j / 3, j % 3}, 10f * rows[i] + j);
            }
        }
        return expected;
    }
}
