package org.transfer4j.internal.download;

import java.io.IOException;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.transfer4j.download.DownloadSettings;

/** The JDK's HTTP client with the JVM's proxy, and with errors that tell offline from broken. */
final class Client {
    /** The client follows redirects itself and does not say which host it means. */
    private static final String OR_ANOTHER = ", or to a host that it redirects to";

    private final HttpClient http;
    private final Duration connectTimeout;
    private final Duration headerTimeout;

    Client(DownloadSettings settings) {
        connectTimeout = settings.connectTimeout();
        headerTimeout = settings.connectTimeout().plus(settings.stallTimeout());
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .followRedirects(HttpClient.Redirect.NORMAL);
        Optional.ofNullable(ProxySelector.getDefault()).ifPresent(builder::proxy);
        Optional.ofNullable(Authenticator.getDefault()).ifPresent(builder::authenticator);
        http = builder.build();
    }

    /** Asks for a file, from an offset on where the server has the same version of it still. */
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> get(URI address, long offset, Optional<String> version)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("User-Agent", "Transfer4J")
                .header("Accept-Encoding", "identity");
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
            version.ifPresent(value -> request.header("If-Range", value));
        }
        lookUp(address);
        // The request's own timeout ends with the headers on some JDKs and with the body on others: it is not used.
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> response =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofPublisher());
        try {
            return response.get(headerTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            String noAnswer = "no answer for " + headerTimeout.toMillis() / 1000.0 + " seconds";
            Optional<Proxy> proxy = proxy(address);
            if (isSecure(address) && proxy.isPresent()) {
                // the client's time for connections ends with the proxy's own, whatever lies behind
                throw unreachable(noAnswer + " from " + address.getHost() + " by the proxy " + proxy.get(), e);
            }
            HttpTimeoutException stalled = new HttpTimeoutException(noAnswer);
            stalled.initCause(e);
            throw stalled;
        } catch (ExecutionException e) {
            throw translated(address, e);
        } finally {
            response.cancel(true);
        }
    }

    private static boolean isSecure(URI address) {
        return "https".equalsIgnoreCase(address.getScheme());
    }

    private static Optional<Proxy> proxy(URI address) {
        return Optional.ofNullable(ProxySelector.getDefault())
                .flatMap(selector -> selector.select(address).stream()
                        .filter(proxy -> proxy.type() != Proxy.Type.DIRECT)
                        .findFirst());
    }

    private IOException translated(URI address, ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String host = address.getHost();
        if (cause instanceof HttpConnectTimeoutException) {
            // the handshake is in this time; a server that only reads is never done with it
            boolean secure = isSecure(address);
            return unreachable(
                    "no " + (secure ? "TLS " : "") + "connection to " + host + " within "
                            + connectTimeout.toMillis() / 1000.0 + " seconds"
                            + (secure ? " (does it speak TLS?)" : "") + OR_ANOTHER,
                    cause);
        }
        if (cause instanceof UnknownHostException) {
            return unreachable("the host " + host + ", or one that it redirects to, is not known here", cause);
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            String detail = cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
            return unreachable("no connection to " + host + OR_ANOTHER + detail, cause);
        }
        if (cause instanceof SSLException) {
            return unreachable(
                    "no trusted connection to " + host + OR_ANOTHER + " (" + cause.getMessage() + ")", cause);
        }
        return new IOException(cause.toString(), cause);
    }

    /** No connection to the server. */
    private static GivenUp unreachable(String message, Throwable cause) {
        return new GivenUp(message, cause, false);
    }

    /**
     * Looks up a host before the client does: a resolver without a name server may take longer than any timeout of the
     * client, which does not bound it.
     */
    private void lookUp(URI address) throws GivenUp, InterruptedException {
        if (proxy(address).isPresent()) {
            return;
        }
        String host = address.getHost();
        FutureTask<InetAddress> lookup = new FutureTask<>(() -> InetAddress.getByName(host));
        Thread thread = new Thread(lookup, "transfer4j-host-lookup");
        thread.setDaemon(true);
        thread.start();
        try {
            lookup.get(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable("the host " + host + " is not known here", e);
        } catch (TimeoutException e) {
            throw unreachable(
                    "the host " + host + " could not be looked up within " + connectTimeout.toMillis() / 1000.0
                            + " seconds",
                    new IOException(e));
        }
    }

    /**
     * There is nothing to be had at an address, and asking again would not help: this machine is offline, the address is wrong, the
     * server's answer is final, or it has failed as often as it may.
     */
    static final class GivenUp extends IOException {
        private static final long serialVersionUID = 1L;

        /** Whether the server says that it has no such file, or, as object stores do, none that it would show. */
        private final boolean missing;

        GivenUp(String message, @Nullable Throwable cause, boolean missing) {
            super(message, cause);
            this.missing = missing;
        }

        boolean missing() {
            return missing;
        }
    }

    /**
     * Reads the body of a response piece by piece and notices when none comes: a read of the client's own input stream
     * would wait for ever.
     */
    static final class BodyReader implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
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
}
