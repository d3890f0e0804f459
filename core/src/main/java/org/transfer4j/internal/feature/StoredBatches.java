package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Copies the rows of one batch after the other into one array. */
public final class StoredBatches implements BatchStream {
    private final RowReader rows;
    private final int[] classIndices;
    private final int[] order;
    private final int batchSize;
    private final INDArray buffer;
    private int next;

    /**
     * Starts before the first batch.
     *
     * @param classIndices the classes of all rows
     * @param shape one row's shape
     * @param order the rows to read, in this order
     */
    public StoredBatches(RowReader rows, int[] classIndices, long[] shape, int[] order, int batchSize) {
        this.rows = rows;
        this.classIndices = classIndices;
        this.order = order.clone();
        this.batchSize = Math.min(batchSize, Math.max(1, order.length));
        long[] batchShape = new long[shape.length + 1];
        batchShape[0] = this.batchSize;
        System.arraycopy(shape, 0, batchShape, 1, shape.length);
        this.buffer = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', batchShape);
    }

    @Override
    public boolean hasNext() {
        return next < order.length;
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all " + order.length + " rows were read");
        }
        int count = Math.min(batchSize, order.length - next);
        int[] classes = new int[count];
        ByteBuffer target = buffer.data().asNio();
        for (int i = 0; i < count; i++) {
            int row = order[next + i];
            classes[i] = classIndices[row];
            rows.read(row, target);
        }
        next += count;
        return new Batch(count == batchSize ? buffer : buffer.get(NDArrayIndex.interval(0, count)), classes);
    }

    @Override
    public void close() {
        if (buffer.closeable()) {
            buffer.close();
        }
    }
}
