package org.transfer4j.internal.download;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A web server on the loopback interface that misbehaves in the order that a test asks for, and then behaves. */
final class FaultyServer implements AutoCloseable {
    /** How one request is answered. */
    interface Answer {
        void give(HttpExchange exchange, byte[] content) throws IOException;
    }

    /** What was asked. */
    record Request(URI uri, Headers headers) {}

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final byte[] content;

    FaultyServer(byte[] content, Answer... faults) {
        this(content, "http", plain(), faults);
    }

    private FaultyServer(byte[] content, String scheme, HttpServer server, Answer... faults) {
        this.content = content;
        this.scheme = scheme;
        this.server = server;
        answers.addAll(Arrays.asList(faults));
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    private static HttpServer plain() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Speaks TLS with a certificate that it gave itself. */
    static FaultyServer untrusted(byte[] content, Path folder) throws Exception {
        char[] password = "nobody's secret".toCharArray();
        Path file = folder.resolve("self-signed.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "self",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(password),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), Charset.defaultCharset());
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + said);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(file.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new FaultyServer(content, "https", server);
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    URI uri(String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    List<Request> requests() {
        return requests;
    }

    List<String> paths() {
        return requests.stream().map(request -> request.uri().getPath()).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        synchronized (answers) {
            requests.add(new Request(exchange.getRequestURI(), exchange.getRequestHeaders()));
            answer = answers.isEmpty() ? ranges() : answers.remove();
        }
        try (exchange) {
            answer.give(exchange, content);
        }
    }

    /** As a good server: the whole, or what a range asks for. */
    static Answer ranges() {
        return (exchange, content) -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range == null) {
                send(exchange, 200, content, content.length);
                return;
            }
            int from = Integer.parseInt(range.replace("bytes=", "").replace("-", ""));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            byte[] rest = Arrays.copyOfRange(content, from, content.length);
            send(exchange, 206, rest, rest.length);
        };
    }

    /** As a server that knows no ranges. */
    static Answer whole() {
        return (exchange, content) -> send(exchange, 200, content, content.length);
    }

    /** Announces the whole and closes the connection early. */
    static Answer cutAfter(int count) {
        return (exchange, content) -> {
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, count);
            exchange.getResponseBody().flush();
        };
    }

    /** As a good server, but closes the connection early. */
    static Answer rangesCutAfter(int count) {
        return (exchange, content) -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null
                    ? 0
                    : Integer.parseInt(range.replace("bytes=", "").replace("-", ""));
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            if (from > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            exchange.sendResponseHeaders(from == 0 ? 200 : 206, content.length - from);
            exchange.getResponseBody().write(content, from, Math.min(count, content.length - from));
            exchange.getResponseBody().flush();
        };
    }

    /** Announces no length and ends early, which looks like a proper end. */
    static Answer chunkedUpTo(int count) {
        return (exchange, content) -> {
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content, 0, count);
            }
        };
    }

    /** Sends the beginning and then nothing, until the test ends. */
    Answer stallAfter(int count) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, count);
            exchange.getResponseBody().flush();
            await(closing);
        };
    }

    /** Accepts the request and says nothing, until the test ends. */
    Answer silence() {
        return (exchange, content) -> await(closing);
    }

    void then(Answer answer) {
        synchronized (answers) {
            answers.add(answer);
        }
    }

    static Answer status(int status) {
        return (exchange, content) -> exchange.sendResponseHeaders(status, -1);
    }

    static Answer redirect(URI to) {
        return (exchange, content) -> {
            exchange.getResponseHeaders().set("Location", to.toString());
            exchange.sendResponseHeaders(302, -1);
        };
    }

    static Answer other(byte[] bytes) {
        return (exchange, content) -> send(exchange, 200, bytes, bytes.length);
    }

    /** Waits for the test's word, then behaves. */
    static Answer after(CountDownLatch word) {
        return (exchange, content) -> {
            await(word);
            send(exchange, 200, content, content.length);
        };
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes, long length) throws IOException {
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        exchange.getResponseBody().write(bytes);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the test never went on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** A port of the loopback interface at which nobody listens, and nobody else can, for as long as this is open. */
    static final class DeafPort implements AutoCloseable {
        private final Socket socket = new Socket();

        DeafPort() throws IOException {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        URI uri(String path) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
