package org.transfer4j.dataset;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.BatchRing.BatchBuffer;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.interrupt.Interruption;

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
    private final BatchRing ring;
    private final List<Thread> workers = new ArrayList<>();
    private int next;
    private volatile boolean closed;

    ImageBatches(BatchContent content) {
        this(content, Thread::new);
    }

    ImageBatches(BatchContent content, ThreadFactory threads) {
        BatchSettings settings = content.settings();
        this.content = content;
        this.ring = new BatchRing(content.size(), settings);
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
        BatchBuffer buffer = await();
        Throwable failure = buffer.failure();
        if (failure != null) {
            close();
            throw rethrown(failure);
        }
        int first = ring.firstImage(next);
        int count = ring.imagesIn(next);
        next++;
        return content.batch(buffer.features(count), first, count);
    }

    private BatchBuffer await() {
        @Nullable BatchBuffer buffer;
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
}
