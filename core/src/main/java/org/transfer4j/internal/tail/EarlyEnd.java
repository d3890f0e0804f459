package org.transfer4j.internal.tail;

import org.jspecify.annotations.Nullable;

/** A training that ended before its last epoch. */
public final class EarlyEnd extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether it was asked to end; else it diverged. */
    private final boolean cancelled;

    /** What happened, and at which step. */
    private final String reason;

    private EarlyEnd(String reason, boolean cancelled, @Nullable Throwable cause) {
        super(reason, cause);
        this.reason = reason;
        this.cancelled = cancelled;
    }

    static EarlyEnd diverged(String message) {
        return new EarlyEnd(message, false, null);
    }

    /** One that the thread's interruption asked for. */
    public static EarlyEnd cancelled(String message, @Nullable Throwable cause) {
        return new EarlyEnd(message, true, cause);
    }

    /** What happened, and at which step. */
    public String reason() {
        return reason;
    }

    /** Whether it was asked to end; else it diverged. */
    public boolean isCancelled() {
        return cancelled;
    }
}
