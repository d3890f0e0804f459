package org.transfer4j.internal.thread;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Work for threads that watch for the next piece a little before they sleep. */
final class WatchedQueue extends LinkedBlockingQueue<Runnable> {
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
