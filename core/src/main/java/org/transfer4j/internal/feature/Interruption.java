package org.transfer4j.internal.feature;

import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;

/** Tells an interruption of the thread, which queues and channels report by exceptions of their own, from a failure. */
public final class Interruption {
    private Interruption() {}

    /** Whether an exception of a {@link BatchStream} or a {@link FeatureStore} means that the thread was interrupted. */
    public static boolean caused(Throwable failure) {
        return failure instanceof CancellationException || failure.getCause() instanceof ClosedByInterruptException;
    }
}
