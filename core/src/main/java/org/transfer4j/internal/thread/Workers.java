package org.transfer4j.internal.thread;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.NativeOps;

/**
 * As many threads as {@link NativeThreads} says, the caller's among them, on each of which native code runs without
 * threads of its own.
 *
 * <p>OpenMP's threads wait for each other after every product of matrices, actively: on a machine that has other work,
 * the products of a small layer took ten times as long as with one thread. Ours take the next piece of work when they
 * have time for it, and the caller waits for none that has not begun.
 */
public final class Workers {
    /** How many there are at most. */
    public static final int COUNT = NativeThreads.count();

    private static final long IDLE_SECONDS = 10;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor HELPERS = helpers();

    private Workers() {}

    /**
     * Does some work that can be done in any order, and at once.
     *
     * @param pieces how many pieces it has
     * @param piece does the piece of an index
     */
    public static void run(int pieces, IntConsumer piece) {
        SharedWork work = new SharedWork(pieces, piece);
        for (int helper = 1; helper < Math.min(pieces, COUNT); helper++) {
            HELPERS.execute(work);
        }
        NativeThreads.with(1, () -> {
            work.run();
            return null;
        });
        work.await();
    }

    /** Hands out work, of one piece or so, that one of the others may take before the caller does. */
    public static void offer(SharedWork work) {
        if (COUNT > 1) {
            HELPERS.execute(work);
        }
    }

    private static ThreadPoolExecutor helpers() {
        int count = Math.max(1, COUNT - 1);
        NativeOps openMp = NativeThreads.openMp();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(count, count, IDLE_SECONDS, TimeUnit.SECONDS, new WatchedQueue(), work -> {
                    Runnable alone = () -> {
                        openMp.setOmpNumThreads(1); // OpenMP keeps this setting for each thread
                        work.run();
                    };
                    Thread thread = new Thread(alone, "transfer4j-worker-" + NUMBER.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Work for threads that watch for the next piece a little before they sleep. */
    private static final class WatchedQueue extends LinkedBlockingQueue<Runnable> {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
            Patience patience = new Patience();
            while (patience.lasts()) {
                Runnable work = poll();
                if (work != null) {
                    return work;
                }
                Thread.onSpinWait();
            }
            return super.poll(timeout, unit);
        }
    }

    /** Work in pieces, of which each thread that runs it takes the next one until there is none. */
    public static final class SharedWork implements Runnable {
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
    }

    /**
     * How long a thread watches for something before it goes to sleep: for longer than the steps of a training lie apart,
     * since to wake a thread takes about as long as half a step of a small head, and for too short a time to be noticed by
     * anybody else.
     */
    private static final class Patience {
        private static final long NANOSECONDS = 100_000;

        private final long start = System.nanoTime();

        boolean lasts() {
            return System.nanoTime() - start < NANOSECONDS;
        }
    }
}
