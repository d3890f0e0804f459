package org.transfer4j.internal.listener;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener how work goes, which goes on whatever the listener throws, errors too: a plot without fonts is an
 * {@code InternalError}, and hours of training would be lost with it. The first failure is reported, with its stack trace;
 * the listener is told of later events all the same, since what failed may pass. Only a {@link CancellationException},
 * by which a listener asks for the end of the work, comes through.
 */
public final class ListenerGuard<L> {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerGuard.class);

    private final L listener;
    private boolean reported;

    /** Guards a listener. */
    public ListenerGuard(L listener) {
        this.listener = listener;
    }

    /**
     * Tells it of an event.
     *
     * @throws CancellationException if the listener does
     */
    public void tell(Consumer<L> event) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            event.accept(listener);
        } catch (CancellationException e) {
            throw e;
        } catch (Throwable e) {
            report(e);
        } finally {
            // meant for the work, whatever the listener made of it: drawing a plot takes it away
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void report(Throwable failure) {
        try {
            if (reported) {
                LOG.debug("{} failed again", listener.getClass().getName(), failure);
            } else {
                reported = true;
                LOG.warn(
                        "{} failed, and the work that it is told of goes on; its later failures are logged at DEBUG",
                        listener.getClass().getName(),
                        failure);
            }
        } catch (Throwable e) {
            // a log that fails, as one does without memory, is a side thing too
            failure.addSuppressed(e);
        }
    }
}
