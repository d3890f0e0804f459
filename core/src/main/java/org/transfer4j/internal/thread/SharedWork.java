package org.transfer4j.internal.thread;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Work in pieces, of which each thread that runs it takes the next one until there is none. */
public final class SharedWork implements Runnable {
    private final int pieces;
    private final IntConsumer piece;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Work that nobody has begun. */
    public SharedWork(int pieces, IntConsumer piece) {
        this.pieces = pieces;
        this.piece = piece;
        if (pieces == 0) {
            end.complete(null);
        }
    }

    @Override
    public void run() {
        for (int index = next.getAndIncrement(); index < pieces; index = next.getAndIncrement()) {
            attempt(index);
            if (done.incrementAndGet() == pieces) {
                end.complete(null);
            }
        }
    }

    /** After a failure the other pieces are passed over. */
    private void attempt(int index) {
        if (failure.get() != null) {
            return;
        }
        try {
            piece.accept(index);
        } catch (RuntimeException | Error cause) {
            failure.compareAndSet(null, cause);
        }
    }

    /** Whether all pieces were done or passed over. */
    public boolean isDone() {
        return end.isDone();
    }

    /** Passes over what nobody has begun, and waits for the rest; the work then has failed. */
    public void abandon() {
        failure.compareAndSet(null, new CancellationException("the work was given up"));
        run();
        awaitEnd();
    }

    /**
     * Waits until no piece is being worked on any more, also where the caller is interrupted: they work on its memory.
     * Throws what the first piece that failed has thrown.
     */
    public void await() {
        awaitEnd();
        Throwable cause = failure.get();
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private void awaitEnd() {
        Patience patience = new Patience();
        while (!end.isDone() && patience.lasts()) {
            Thread.onSpinWait();
        }
        end.join();
    }

    /**
     * How long a thread watches for something before it goes to sleep: for longer than the steps of a training lie apart,
     * since to wake a thread takes about as long as half a step of a small head, and for too short a time to be noticed by
     * anybody else.
     */
    static final class Patience {
        private static final long NANOSECONDS = 100_000;

        private final long start = System.nanoTime();

        boolean lasts() {
            return System.nanoTime() - start < NANOSECONDS;
        }
    }
}
