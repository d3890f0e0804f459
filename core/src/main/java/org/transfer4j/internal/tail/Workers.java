package org.transfer4j.internal.tail;

import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * As many threads as there are cores, or as {@link NativeThreads} says, the caller's among them, on each of which native
 * code runs without threads of its own.
 *
 * <p>OpenMP's threads wait for each other after every product of matrices, actively: on a machine that has other work,
 * the products of a small layer took ten times as long as with one thread. Ours take the next piece of work when they
 * have time for it, and the caller waits for none that has not begun.
 */
final class Workers {
    /** How many there are at most. */
    static final int COUNT =
            NativeThreads.wanted().orElseGet(() -> Runtime.getRuntime().availableProcessors());

    private static final long IDLE_SECONDS = 10;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor HELPERS = helpers(Math.max(1, COUNT - 1));

    private Workers() {}

    /**
     * Does some work that can be done in any order, and at once.
     *
     * @param pieces how many pieces it has
     * @param piece does the piece of an index; it must not call this method
     */
    static void run(int pieces, IntConsumer piece) {
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

    private static ThreadPoolExecutor helpers(int count) {
        Nd4j.getExecutioner(); // loads the native library
        NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(count, count, IDLE_SECONDS, TimeUnit.SECONDS, new WatchedQueue(), work -> {
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
