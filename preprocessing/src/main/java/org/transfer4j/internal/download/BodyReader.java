package org.transfer4j.internal.download;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a response piece by piece and notices when none comes: a read of the client's own input stream
 * would wait for ever.
 */
final class BodyReader implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
    private static final Flow.Subscription CLOSED = new Flow.Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    };

    /** At most one piece is asked for at a time, so that the queue holds two signals at most. */
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();

    private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();
    private final Duration stallTimeout;

    BodyReader(Flow.Publisher<List<ByteBuffer>> body, Duration stallTimeout) {
        this.stallTimeout = stallTimeout;
        body.subscribe(this);
    }

    /** The next piece, or null at the end of the body. */
    @Nullable
    List<ByteBuffer> next() throws IOException, InterruptedException {
        Signal signal = signals.poll(stallTimeout.toMillis(), TimeUnit.MILLISECONDS);
        if (signal == null) {
            throw new HttpTimeoutException("no byte came for " + stallTimeout.toMillis() / 1000.0 + " seconds");
        }
        if (signal.failure != null) {
            throw new IOException(String.valueOf(signal.failure.getMessage()), signal.failure);
        }
        return signal.piece;
    }

    /** Asks for one more piece. */
    void proceed() {
        Flow.Subscription current = subscription.get();
        if (current != null) {
            current.request(1);
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription started) {
        if (subscription.compareAndSet(null, started)) {
            started.request(1);
        } else {
            started.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
        signals.add(new Signal(piece, null));
    }

    @Override
    public void onError(Throwable failure) {
        signals.add(new Signal(null, failure));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal(null, null));
    }

    /** Drops the connection where the body is not at its end. */
    @Override
    public void close() {
        Flow.Subscription current = subscription.getAndSet(CLOSED);
        if (current != null) {
            current.cancel();
        }
    }

    private record Signal(
            @Nullable List<ByteBuffer> piece, @Nullable Throwable failure) {}
}
