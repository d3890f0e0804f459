package org.transfer4j.internal.tail;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * As many threads as there are cores, or as {@link NativeThreads} says, on each of which native code runs without threads of its own.
 *
 * <p>OpenMP's threads wait for each other after every product of matrices, actively: on a machine that has other work,
 * the products of a small layer took ten times as long as with one thread. Ours take the next piece of work when they
 * have time for it.
 */
final class Workers {
    /** How many there are at most. */
    static final int COUNT =
            NativeThreads.wanted().orElseGet(() -> Runtime.getRuntime().availableProcessors());

    private static final long IDLE_SECONDS = 10;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = pool();

    private Workers() {}

    /**
     * Does some work that can be done in any order, and at once.
     *
     * @param tasks how many pieces it has
     * @param task does the piece of an index; it must not call this method
     */
    static void run(int tasks, IntConsumer task) {
        AtomicInteger next = new AtomicInteger();
        Runnable some = () -> {
            for (int index = next.getAndIncrement(); index < tasks; index = next.getAndIncrement()) {
                task.accept(index);
            }
        };
        CompletableFuture<?>[] threads = IntStream.range(0, Math.min(tasks, COUNT))
                .mapToObj(i -> CompletableFuture.runAsync(some, POOL))
                .toArray(CompletableFuture<?>[]::new);
        try {
            // waits for all, and also where the caller is interrupted: they work on its memory
            CompletableFuture.allOf(threads).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static ThreadPoolExecutor pool() {
        Nd4j.getExecutioner(); // loads the native library
        NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                COUNT, COUNT, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Runnable alone = () -> {
                        openMp.setOmpNumThreads(1); // OpenMP keeps this setting for each thread
                        work.run();
                    };
                    Thread thread = new Thread(alone, "transfer4j-dense-" + NUMBER.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
