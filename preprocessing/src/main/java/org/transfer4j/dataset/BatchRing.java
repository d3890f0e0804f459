package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.natives.FirstUse;

/**
 * A fixed number of buffers between the threads that decode and the one that consumes. Images are handed out one by one
 * in the order of the dataset; batch b lives in buffer b modulo the number of buffers, and is begun only when the
 * consumer has given that buffer back.
 */
final class BatchRing implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition bufferFree = lock.newCondition();
    private final Condition batchFull = lock.newCondition();
    private final List<BatchBuffer> buffers = new ArrayList<>();
    private final int images;
    private final int batchSize;

    private int nextImage;
    private int takenBatches;
    private int givenBack;
    private boolean stopped;

    BatchRing(int images, BatchSettings settings) {
        this.images = images;
        this.batchSize = Math.min(settings.batchSize(), images);
        int count = Math.min(settings.inFlight(), batches());
        try {
            for (int i = 0; i < count; i++) {
                buffers.add(new BatchBuffer(batchSize, settings.height(), settings.width()));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    int batches() {
        return (images + batchSize - 1) / batchSize;
    }

    int firstImage(int batch) {
        return batch * batchSize;
    }

    int imagesIn(int batch) {
        return Math.min(batchSize, images - firstImage(batch));
    }

    /** The next image to decode, once there is a buffer for it; -1 where there is none left or all is over. */
    int claim() {
        lock.lock();
        try {
            while (!stopped && nextImage < images && nextImage / batchSize >= givenBack + buffers.size()) {
                bufferFree.awaitUninterruptibly();
            }
            if (stopped || nextImage == images) {
                return -1;
            }
            int batch = nextImage / batchSize;
            if (nextImage == firstImage(batch)) {
                bufferOf(batch).begin(imagesIn(batch));
            }
            return nextImage++;
        } finally {
            lock.unlock();
        }
    }

    /** Where a claimed image is to be written. */
    FloatBuffer target(int image) {
        return bufferOf(image / batchSize).slice(image % batchSize);
    }

    /** Says that a claimed image is written, or what went wrong. */
    void written(int image, @Nullable Throwable failure) {
        lock.lock();
        try {
            BatchBuffer buffer = bufferOf(image / batchSize);
            buffer.written(image, failure);
            if (buffer.isFull()) {
                batchFull.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the batch taken before back, and waits for the next; null where the ring was stopped. */
    @Nullable
    BatchBuffer take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            givenBack = takenBatches;
            bufferFree.signalAll();
            BatchBuffer buffer = bufferOf(takenBatches);
            while (!stopped && !isFull(takenBatches)) {
                batchFull.await();
            }
            takenBatches++;
            return stopped ? null : buffer;
        } finally {
            lock.unlock();
        }
    }

    /** A batch that is not begun has nothing missing, and is not full either. */
    private boolean isFull(int batch) {
        return nextImage >= firstImage(batch) + imagesIn(batch)
                && bufferOf(batch).isFull();
    }

    private BatchBuffer bufferOf(int batch) {
        return buffers.get(batch % buffers.size());
    }

    /** Lets everyone who waits go; nothing more is handed out. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            bufferFree.signalAll();
            batchFull.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Frees the memory, once nobody writes any more. */
    @Override
    public void close() {
        buffers.forEach(BatchBuffer::close);
    }

    /** Native memory for one batch, used again and again. What is not final is guarded by the lock of its ring. */
    static final class BatchBuffer implements AutoCloseable {
        private final INDArray array;
        private final FloatBuffer floats;
        private final int imageLength;

        /** Images that are not written yet. */
        private int missing;

        private @Nullable Throwable failure;
        private int failedImage;

        @SuppressWarnings("try") // the scope is held, not used
        BatchBuffer(int images, int height, int width) {
            FirstUse.ND4J.start();
            // Outside the caller's workspace, which would take the memory back under our hands.
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                array = Nd4j.createUninitialized(DataType.FLOAT, new long[] {images, 3, height, width}, 'c');
            }
            floats = array.data().asNioFloat();
            imageLength = 3 * height * width;
        }

        void begin(int images) {
            missing = images;
            failure = null;
        }

        /** The place of one image: a view with bounds of its own. */
        FloatBuffer slice(int image) {
            return floats.slice(image * imageLength, imageLength);
        }

        /** Of several failures the first in the order of the images counts, whichever came first in time. */
        void written(int image, @Nullable Throwable thrown) {
            missing--;
            if (thrown != null && (failure == null || image < failedImage)) {
                failure = thrown;
                failedImage = image;
            }
        }

        boolean isFull() {
            return missing == 0;
        }

        @Nullable
        Throwable failure() {
            return failure;
        }

        INDArray features(int images) {
            return images == array.size(0)
                    ? array
                    : array.get(
                            NDArrayIndex.interval(0, images),
                            NDArrayIndex.all(),
                            NDArrayIndex.all(),
                            NDArrayIndex.all());
        }

        @Override
        public void close() {
            array.close();
        }
    }
}
