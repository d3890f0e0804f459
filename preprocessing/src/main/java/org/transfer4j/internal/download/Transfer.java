package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.transfer4j.download.DownloadProgress;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.listener.ListenerGuard;

/** One attempt: asks for what is missing of a file and appends it to the part that is there. */
final class Transfer {
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final DownloadSettings settings;
    private final CacheEntry entry;
    private final ListenerGuard<DownloadProgress> progress;
    private final Client client;

    Transfer(DownloadSettings settings, CacheEntry entry, ListenerGuard<DownloadProgress> progress) {
        this.progress = progress;
        this.settings = settings;
        this.entry = entry;
        this.client = new Client(settings);
    }

    /**
     * Completes the part, as far as the server's word goes.
     *
     * @return whether bytes of an earlier attempt are in it
     * @throws UncheckedIOException if the part can't be written
     * @throws IOException if the network or the server fails
     */
    boolean run(URI address) throws IOException, InterruptedException {
        long offset = usablePart();
        if (offset > 0 && offset == entry.remote().size()) {
            return true;
        }
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = client.get(address, offset, PartFile.version(entry));
        try (BodyReader body = new BodyReader(response.body(), settings.stallTimeout())) {
            int status = response.statusCode();
            if (offset > 0 && status == RANGE_NOT_SATISFIABLE) {
                return true;
            }
            if (status == PARTIAL && offset > 0) {
                checkRange(response.headers(), offset);
                append(body, offset, offset + rest(response.headers(), offset));
                return true;
            }
            if (status != OK) {
                throw failure(address, response);
            }
            OptionalLong length = announced(response.headers());
            long size = entry.remote().size();
            if (size >= 0 && length.isPresent() && length.getAsLong() != size) {
                // the part stays: a page in place of the file says nothing about it, and another server may go on with
                // it
                throw new DownloadException(
                        entry.file(),
                        String.format(
                                Locale.ROOT,
                                "the server sends another file: %s announces %,d bytes, expected are %,d",
                                address,
                                length.getAsLong(),
                                size));
            }
            PartFile.start(entry, version(response.headers()));
            append(body, 0, length.orElse(size));
            return false;
        }
    }

    /** How much of an earlier attempt can be used. */
    private long usablePart() {
        try {
            if (!Files.isRegularFile(entry.part())) {
                return 0;
            }
            long length = Files.size(entry.part());
            if (entry.remote().size() < 0 || length <= entry.remote().size()) {
                return length;
            }
            entry.deletePart();
            return 0;
        } catch (IOException e) {
            throw FileFailure.of("can't look at " + entry.part(), e);
        }
    }

    private void append(BodyReader body, long offset, long end) throws IOException, InterruptedException {
        long size = entry.remote().size();
        try (PartFile part = PartFile.open(entry, offset, Math.max(size, end))) {
            tell(part);
            for (List<ByteBuffer> piece = body.next(); piece != null; piece = body.next()) {
                part.write(piece);
                if (size >= 0 && part.length() > size) {
                    throw otherFile(String.format(Locale.ROOT, "more than the expected %,d bytes came", size));
                }
                tell(part);
                body.proceed();
            }
            if (part.length() < size) {
                throw new IOException(
                        String.format(Locale.ROOT, "the connection ended at %,d of %,d bytes", part.length(), size));
            }
            part.sync();
        }
    }

    private void tell(PartFile part) {
        progress.tell(listener -> listener.advanced(entry.remote().name(), part.length()));
    }

    private void checkRange(HttpHeaders headers, long offset) throws IOException {
        String range = headers.firstValue("Content-Range").orElse("");
        String total = entry.remote().size() < 0 ? "" : "/" + entry.remote().size();
        if (!range.startsWith("bytes " + offset + "-") || !(range.endsWith(total) || range.endsWith("/*"))) {
            entry.deletePart();
            throw new IOException("asked for bytes from " + offset + ", the server sends \"" + range + "\"");
        }
    }

    /** The number of bytes that are to come, 0 where nobody knows; fewer than asked for are allowed (RFC 9110, 15.3.7). */
    private long rest(HttpHeaders headers, long offset) throws IOException {
        long announced = announced(headers).orElse(0);
        long size = entry.remote().size();
        if (size >= 0 && announced > size - offset) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "asked for the %,d bytes from %,d on, the server announces %,d",
                    size - offset,
                    offset,
                    announced));
        }
        return announced;
    }

    private DownloadException otherFile(String reason) {
        try {
            entry.deletePart();
        } catch (IOException e) {
            throw FileFailure.of("can't delete " + entry.part(), e);
        }
        return new DownloadException(entry.file(), "the server sends another file: " + reason);
    }

    private static IOException failure(URI address, HttpResponse<?> response) {
        int status = response.statusCode();
        String location = response.headers()
                .firstValue("Location")
                .map(to -> to.replaceFirst("//[^/]*@", "//"))
                .map(to -> " (a redirect to " + to + ", which is not followed)")
                .orElse("");
        String message = address + " answers " + status + location;
        boolean passing = status >= 500 || status == 408 || status == 429;
        return passing ? new IOException(message) : new Refused(status, message);
    }

    private static OptionalLong announced(HttpHeaders headers) {
        return headers.firstValueAsLong("Content-Length");
    }

    /** What If-Range accepts: a strong entity tag, else the date of the last change. */
    private static Optional<String> version(HttpHeaders headers) {
        return headers.firstValue("ETag")
                .filter(tag -> !tag.startsWith("W/"))
                .or(() -> headers.firstValue("Last-Modified"));
    }

    /**
     * Reads the body of a response piece by piece and notices when none comes: a read of the client's own input stream
     * would wait for ever.
     */
    private static final class BodyReader implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
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

    /** The server's answer is final: asking again would not help. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        /** The status of HTTP. */
        private final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        /** Whether the server says that it has no such file, or, as object stores do, none that it would show. */
        boolean missing() {
            return status == 403 || status == 404 || status == 410;
        }
    }
}
