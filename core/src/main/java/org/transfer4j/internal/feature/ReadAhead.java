package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Copies the rows of one batch after the other into an array, while the batch before, in another array, is worked on.
 * The reading thread is never interrupted: that would close the file.
 */
final class ReadAhead implements BatchStream {
    private final RowReader rows;
    private final long rowBytes;
    private final int[] order;
    private final int batchSize;
    private final Queue<INDArray> arrays = new ArrayDeque<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(ReadAhead::daemon);
    private @Nullable CompletableFuture<Batch> pending;
    private int next;

    /**
     * Starts with the first batch.
     *
     * @param shape one row's shape
     * @param order the rows to read
     */
    ReadAhead(RowReader rows, long[] shape, int[] order, int batchSize) {
        this.rows = rows;
        this.order = order.clone();
        this.batchSize = Math.min(batchSize, Math.max(1, order.length));
        long[] batchShape = new long[shape.length + 1];
        batchShape[0] = this.batchSize;
        System.arraycopy(shape, 0, batchShape, 1, shape.length);
        arrays.add(Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', batchShape));
        arrays.add(Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', batchShape));
        rowBytes = arrays.element().length() / this.batchSize * Float.BYTES;
        readOn();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "transfer4j-features");
        thread.setDaemon(true);
        return thread;
    }

    private void readOn() {
        int from = next;
        int count = Math.min(batchSize, order.length - from);
        INDArray array = arrays.remove();
        arrays.add(array);
        next += count;
        pending = count == 0 ? null : CompletableFuture.supplyAsync(() -> read(array, from, count), thread);
    }

    private Batch read(INDArray array, int from, int count) {
        ByteBuffer target = array.data().asNio();
        int[] classes = new int[count];
        for (int i = 0; i < count; i++) {
            int start = Math.toIntExact(i * rowBytes);
            target.limit(Math.toIntExact(start + rowBytes)).position(start);
            classes[i] = rows.read(order[from + i], target);
        }
        return new Batch(count == batchSize ? array : array.get(NDArrayIndex.interval(0, count)), classes);
    }

    @Override
    public boolean hasNext() {
        return pending != null;
    }

    @Override
    public Batch next() {
        if (pending == null) {
            throw new NoSuchElementException("all " + order.length + " rows were read");
        }
        Batch batch = result(pending);
        readOn();
        return batch;
    }

    private static Batch result(CompletableFuture<Batch> reading) {
        try {
            return reading.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (pending != null) {
            // it writes to one of the arrays
            pending.exceptionally(failure -> new Batch(arrays.element(), new int[0]))
                    .join();
            pending = null;
        }
        thread.shutdown();
        arrays.forEach(INDArray::close);
        arrays.clear();
    }
}
