package org.transfer4j.dataset;

import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.natives.FirstUse;

/**
 * A dataset as batches of network input, [n, 3, H, W] float in C order. Images are decoded, resized and preprocessed by
 * several threads ahead of the caller, into a fixed number of buffers, so that memory does not grow with the dataset;
 * the order is the dataset's, whatever the threads do. The last batch may be shorter.
 *
 * <p>The array of a batch is valid until the next one is asked for. One thread consumes; {@link #close()} may come from
 * another.
 */
public final class ImageBatches implements Iterator<ImageBatch>, AutoCloseable {
    private final BatchContent content;
    private final Ring ring;
    private final List<Thread> workers = new ArrayList<>();
    private int next;
    private volatile boolean closed;

    ImageBatches(BatchContent content) {
        this(content, Thread::new);
    }

    ImageBatches(BatchContent content, ThreadFactory threads) {
        BatchSettings settings = content.settings();
        this.content = content;
        this.ring = new Ring(content.size(), settings);
        for (int i = 1; i <= Math.min(settings.threads(), content.size()); i++) {
            Thread worker = threads.newThread(this::decode);
            worker.setName("transfer4j-images-" + i);
            worker.setDaemon(true);
            workers.add(worker);
        }
        try {
            workers.forEach(Thread::start);
        } catch (Throwable e) {
            // where a process may have no more threads, those that were started wait for a consumer
            close();
            throw e;
        }
    }

    /**
     * Whether there is another batch.
     *
     * @return false after the last one
     */
    @Override
    public boolean hasNext() {
        return next < ring.batches();
    }

    /**
     * Waits for the next batch. The array of the one before is used again from here on. A failure closes the batches.
     *
     * @return the batch
     * @throws NoSuchElementException after the last batch
     * @throws IllegalStateException if the batches are closed
     * @throws org.transfer4j.error.ImageException if one of its images can't be used; it names the first such image
     * @throws java.io.UncheckedIOException if one of its images can't be read
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays interrupted
     */
    @Override
    public ImageBatch next() {
        if (closed) {
            throw new IllegalStateException("the batches are closed");
        }
        if (!hasNext()) {
            throw new NoSuchElementException("there are " + ring.batches() + " batches");
        }
        Buffer buffer = await();
        Throwable failure = buffer.failure;
        if (failure != null) {
            close();
            throw rethrown(failure);
        }
        int first = ring.firstImage(next);
        int count = ring.imagesIn(next);
        next++;
        return content.batch(buffer.features(count), first, count);
    }

    private Buffer await() {
        @Nullable Buffer buffer;
        try {
            buffer = ring.take();
        } catch (InterruptedException e) {
            close();
            throw Interruption.whileWaiting("images", e);
        }
        if (buffer == null) {
            throw new IllegalStateException("the batches were closed while a batch was waited for");
        }
        return buffer;
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    /**
     * Stops the threads, waits until they have ended (at most for the images they are decoding), and frees the buffers: the
     * array of the last batch is gone too. Closing again does nothing.
     */
    @Override
    public void close() {
        synchronized (workers) {
            if (closed) {
                return;
            }
            closed = true;
            ring.stop();
            workers.forEach(Thread::interrupt);
            // the buffers can't be freed under a thread that writes to them
            workers.forEach(Interruption::join);
            ring.close();
        }
    }

    /** Decodes one image after the other into the buffers, until none is left. */
    private void decode() {
        for (int image = ring.claim(); image >= 0; image = ring.claim()) {
            ring.written(image, convert(image));
        }
    }

    /** Whatever goes wrong belongs to the consumer, who would wait for ever if this thread died with it. */
    private @Nullable Throwable convert(int image) {
        try {
            content.write(image, ring.target(image));
            return null;
        } catch (TransferException | Error | UncheckedIOException e) {
            return e;
        } catch (RuntimeException e) {
            return content.origin(image).refused("can't be converted: " + e, e);
        } finally {
            // An interrupt that somebody's stream left behind must not fail the next image; the end comes by the
            // ring.
            Thread.interrupted();
        }
    }

    /**
     * A fixed number of buffers between the threads that decode and the one that consumes. Images are handed out one by one
     * in the order of the dataset; batch b lives in buffer b modulo the number of buffers, and is begun only when the
     * consumer has given that buffer back.
     */
    private static final class Ring implements AutoCloseable {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition bufferFree = lock.newCondition();
        private final Condition batchFull = lock.newCondition();
        private final List<Buffer> buffers = new ArrayList<>();
        private final int images;
        private final int batchSize;

        private int nextImage;
        private int takenBatches;
        private int givenBack;
        private boolean stopped;

        Ring(int images, BatchSettings settings) {
            this.images = images;
            this.batchSize = Math.min(settings.batchSize(), images);
            int count = Math.min(settings.inFlight(), batches());
            try {
                for (int i = 0; i < count; i++) {
                    buffers.add(new Buffer(batchSize, settings.height(), settings.width()));
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
                Buffer buffer = bufferOf(image / batchSize);
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
        Buffer take() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                givenBack = takenBatches;
                bufferFree.signalAll();
                Buffer buffer = bufferOf(takenBatches);
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

        private Buffer bufferOf(int batch) {
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
            buffers.forEach(Buffer::close);
        }
    }

    /** Native memory for one batch, used again and again. What is not final is guarded by the lock of its ring. */
    private static final class Buffer implements AutoCloseable {
        private final INDArray array;
        private final FloatBuffer floats;
        private final int imageLength;

        /** Images that are not written yet. */
        private int missing;

        private @Nullable Throwable failure;
        private int failedImage;

        @SuppressWarnings("try") // the scope is held, not used
        Buffer(int images, int height, int width) {
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
