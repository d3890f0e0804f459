package org.transfer4j.internal.fitted;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * From when native memory is taken until it is freed: work that has begun is waited for, work that begins later is refused. What is
 * forgotten is freed when the garbage collector finds it.
 */
public final class Lifetime implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final String noun;
    private final Cleaner.Cleanable cleanable;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * Begins.
     *
     * @param noun what messages call that whose memory it is
     * @param freeing frees it; must not hold this
     */
    public Lifetime(String noun, Runnable freeing) {
        this.noun = noun;
        this.cleanable = CLEANER.register(this, freeing);
    }

    /**
     * Works with the memory.
     *
     * @throws IllegalStateException if it is freed
     */
    public <T> T whileOpen(Supplier<T> work) {
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the " + noun + " is closed");
            }
            return NativeMemory.guarded(work);
        } finally {
            use.readLock().unlock();
            // nobody else may hold it by now, but its memory must stay until the work is done
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Works with the memory, for nothing in return.
     *
     * @throws IllegalStateException if it is freed
     */
    public void runWhileOpen(Runnable work) {
        whileOpen(() -> {
            work.run();
            return noun;
        });
    }

    /**
     * Works with the memory until the thread is interrupted.
     *
     * @param what what messages call the work
     * @throws IllegalStateException if it is freed
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public <T> T cancellable(String what, Supplier<T> work) {
        return Interruption.cancellable(what, () -> whileOpen(work));
    }

    /** Frees it, once other threads have done their work. Calling it again does nothing. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            closed = true;
            cleanable.clean();
        } finally {
            use.writeLock().unlock();
        }
    }
}
