package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Batches that are read when their values are asked for: all into one array, or row by row to anywhere. */
public final class StoredBatches implements BatchStream {
    /** Rows of equal length, wherever they are. */
    public interface Rows {
        /**
         * Puts some of a row's values where the buffer's position is, and moves the position behind them; safe from several
         * threads, for each its own buffer.
         *
         * @param from the first value
         * @param to the one after the last
         */
        void copy(int row, int from, int to, ByteBuffer target);

        /** Checks, when the last batch was read, that what was copied is what was once written. */
        default void requireWhole() {
            // nobody else can write to a file without a name
        }
    }

    private final Rows file;
    private final List<Target> targets;
    private final long[] shape;
    private final int[] order;
    private final int batchSize;
    private @Nullable INDArray array;
    private int next;

    /**
     * Starts before the first batch.
     *
     * @param targets those of all rows
     * @param shape one row's shape
     * @param order the rows to read, in this order
     */
    public StoredBatches(Rows file, List<Target> targets, long[] shape, int[] order, int batchSize) {
        this.file = file;
        this.targets = targets;
        this.shape = shape;
        this.order = order.clone();
        this.batchSize = Math.min(batchSize, Math.max(1, order.length));
    }

    @Override
    public boolean hasNext() {
        if (next < order.length) {
            return true;
        }
        file.requireWhole();
        return false;
    }

    @Override
    public Batch next() {
        if (next >= order.length) {
            throw new NoSuchElementException("all " + order.length + " rows were read");
        }
        int[] rows = Arrays.copyOfRange(order, next, Math.min(order.length, next + batchSize));
        next += rows.length;
        return new Batch(
                new StoredValues(rows),
                IntStream.of(rows).mapToObj(targets::get).toList());
    }

    private INDArray array() {
        if (array == null) {
            array = Nd4j.createUninitializedDetached(
                    DataType.FLOAT, 'c', ArrayUtil.combine(new long[] {batchSize}, shape));
        }
        return array;
    }

    @Override
    public void close() {
        if (array != null) {
            array.close();
            array = null;
        }
    }

    private final class StoredValues implements Batch.Values {
        private final int[] rows;

        StoredValues(int[] rows) {
            this.rows = rows;
        }

        @Override
        public int rowLength() {
            return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        }

        @Override
        public INDArray all() {
            INDArray room = array();
            ByteBuffer target = room.data().asNio();
            for (int i = 0; i < rows.length; i++) {
                copy(i, 0, rowLength(), target);
            }
            return rows.length == batchSize ? room : room.get(NDArrayIndex.interval(0, rows.length));
        }

        @Override
        public void copy(int row, int from, int to, ByteBuffer target) {
            file.copy(rows[row], from, to, target);
        }
    }
}
