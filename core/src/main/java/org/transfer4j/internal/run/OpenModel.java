package org.transfer4j.internal.run;

import java.util.function.Supplier;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * A classifier or regressor as long as it is open. It owns the network's native memory until it is closed; one that is forgotten
 * is freed when the garbage collector finds it.
 */
public final class OpenModel implements AutoCloseable {
    private final Fitted fitted;
    private final Inference inference;
    private final Lifetime lifetime;

    /**
     * Opens what was fitted.
     *
     * @param fitted closed with this
     * @param noun what messages call it
     */
    public OpenModel(Fitted fitted, String noun) {
        this.fitted = fitted;
        FittedNetwork network = fitted.network();
        this.inference = new Inference(network, fitted.calibration());
        this.lifetime = new Lifetime(noun, network::close);
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
        return lifetime.whileOpen(work);
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
            return fitted;
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
        lifetime.close();
    }
}
