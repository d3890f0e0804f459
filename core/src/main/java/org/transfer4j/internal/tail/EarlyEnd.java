package org.transfer4j.internal.tail;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** A training that ended before its last epoch. */
public final class EarlyEnd extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final boolean cancelled;
    private final boolean afterPhase;

    private EarlyEnd(String reason, boolean cancelled, boolean afterPhase, @Nullable Throwable cause) {
        super(reason, cause);
        this.reason = reason;
        this.cancelled = cancelled;
        this.afterPhase = afterPhase;
    }

    static EarlyEnd diverged(String message) {
        return new EarlyEnd(message, false, false, null);
    }

    /** One that the thread's interruption asked for. */
    public static EarlyEnd cancelled(String message, @Nullable Throwable cause) {
        return new EarlyEnd(message, true, false, cause);
    }

    /** One that a listener asked for after the last epoch of a phase. */
    static EarlyEnd afterPhase(CancellationException cause) {
        return new EarlyEnd(who(cause) + " after the last epoch of a phase", true, true, cause);
    }

    /** One whose checkpoint can't be written: what would be lost with it is worth more than the epochs to come. */
    static EarlyEnd unsaved(int epoch, RuntimeException cause) {
        String message = "what was to be kept after epoch " + epoch + " was not: " + cause.getMessage();
        return new EarlyEnd(message, false, false, cause);
    }

    /** In a message: the thread, if it is interrupted, else a listener, which may ask for the end. */
    public static String who(Throwable cause) {
        return Thread.currentThread().isInterrupted()
                ? "the thread was interrupted"
                : "a listener or dataset asked for the end (" + cause.getMessage() + ")";
    }

    /** What happened, and at which step. */
    public String reason() {
        return reason;
    }

    /** Whether only the phases that follow are missing. */
    public boolean isAfterPhase() {
        return afterPhase;
    }

    /** Whether it was asked to end; else it diverged, or could not be kept. */
    public boolean isCancelled() {
        return cancelled;
    }
}
