package org.transfer4j.internal.run;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * A classifier or regressor as long as it is open. It owns the network's native memory until it is closed; one that is forgotten
 * is freed when the garbage collector finds it.
 */
public final class OpenModel implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Fitted fitted;
    private final String noun;
    private final Inference inference;
    private final Cleaner.Cleanable cleanable;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * Opens what was fitted.
     *
     * @param fitted closed with this
     * @param noun what messages call it
     */
    public OpenModel(Fitted fitted, String noun) {
        this.fitted = fitted;
        this.noun = noun;
        FittedNetwork network = fitted.network();
        this.inference = new Inference(network, fitted.calibration());
        this.cleanable = CLEANER.register(this, network::close);
    }

    /** What was fitted; to be used while it is open. */
    public Fitted fitted() {
        return fitted;
    }

    /** From its images to its answers; to be used while it is open. */
    public Inference inference() {
        return inference;
    }

    /**
     * Works with it.
     *
     * @throws IllegalStateException if it is closed
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
     * Works with it.
     *
     * @param action gives nothing
     * @throws IllegalStateException if it is closed
     */
    public void runWhileOpen(Runnable action) {
        whileOpen(() -> {
            action.run();
            return noun;
        });
    }

    /**
     * Works with it until the thread is interrupted.
     *
     * @param work what messages call the work
     * @throws IllegalStateException if it is closed
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public <T> T cancellable(String work, Supplier<T> action) {
        return Interruption.cancellable(work, () -> whileOpen(action));
    }

    /** Frees native memory, once other threads have their answers. Calling it again does nothing. */
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
