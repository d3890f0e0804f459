package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.error.DownloadException;

@Timeout(600)
class DownloaderConcurrencyTest {
    @TempDir
    Path cache;

    private FutureTask<Path> task(FaultyServer server) {
        return new FutureTask<>(
                () -> Fixture.downloader(Fixture.settings(cache)).fetch(Fixture.remote(server.uri("/tiny.h5"))));
    }

    private static void awaitRequests(FaultyServer server, int count) throws InterruptedException {
        while (server.requests().size() < count) {
            Thread.sleep(5);
        }
    }

    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(5);
        }
    }

    @Test
    void twoThreadsDownloadOnce() throws Exception {
        CountDownLatch word = new CountDownLatch(1);
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.after(word))) {
            FutureTask<Path> first = task(server);
            FutureTask<Path> second = task(server);
            new Thread(first).start();
            awaitRequests(server, 1);
            Thread waiting = new Thread(second);
            waiting.start();
            awaitWaiting(waiting);
            word.countDown();
            assertThat(first.get()).isEqualTo(second.get()).hasBinaryContent(Fixture.content());
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void theThreadThatWaitsDownloadsWhereTheFirstFails() throws Exception {
        CountDownLatch word = new CountDownLatch(1);
        FaultyServer.Answer lateRefusal = (exchange, content) -> {
            try {
                word.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            exchange.sendResponseHeaders(404, -1);
        };
        try (FaultyServer server = new FaultyServer(Fixture.content(), lateRefusal)) {
            FutureTask<Path> first = task(server);
            FutureTask<Path> second = task(server);
            new Thread(first).start();
            awaitRequests(server, 1);
            Thread waiting = new Thread(second);
            waiting.start();
            awaitWaiting(waiting);
            word.countDown();
            assertThatThrownBy(first::get).hasCauseInstanceOf(DownloadException.class);
            assertThat(second.get()).hasBinaryContent(Fixture.content());
        }
    }

    @Test
    void anInterruptEndsTheWaitingAndTheDownload() throws Exception {
        CountDownLatch word = new CountDownLatch(1);
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.after(word))) {
            FutureTask<Path> first = task(server);
            FutureTask<Path> second = task(server);
            Thread downloading = new Thread(first);
            downloading.start();
            awaitRequests(server, 1);
            Thread waiting = new Thread(second);
            waiting.start();
            awaitWaiting(waiting);
            waiting.interrupt();
            assertThatThrownBy(second::get)
                    .cause()
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("interrupted");
            downloading.interrupt();
            assertThatThrownBy(first::get)
                    .cause()
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("interrupted");
            word.countDown();
        }
    }

    @Test
    void twoProcessesDownloadOnce() throws Exception {
        CountDownLatch word = new CountDownLatch(1);
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.after(word))) {
            Process first = start(server);
            awaitRequests(server, 1);
            Process second = start(server);
            try (BufferedReader output = second.inputReader(StandardCharsets.UTF_8)) {
                String line = output.readLine();
                while (line != null && !line.contains("waiting for another process")) {
                    line = output.readLine();
                }
                assertThat(line).isNotNull();
                word.countDown();
                assertThat(output.lines()).last().isEqualTo("fetched " + cache.resolve(Fixture.NAME));
            }
            assertThat(second.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(first.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(first.exitValue()).isZero();
            assertThat(second.exitValue()).isZero();
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(cache.resolve(Fixture.NAME)).hasBinaryContent(Fixture.content());
    }

    private Process start(FaultyServer server) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FetchingProcess.class.getName(),
                        cache.toString(),
                        server.uri("/tiny.h5").toString())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void goesThroughTheProxyOfTheJvm() {
        ProxySelector before = ProxySelector.getDefault();
        try (FaultyServer proxy = new FaultyServer(Fixture.content())) {
            ProxySelector.setDefault(ProxySelector.of(proxy.address()));
            // this host is known to the proxy alone
            URI source = URI.create("http://publisher.invalid/folder/tiny.h5");
            assertThat(Fixture.downloader(Fixture.settings(cache)).fetch(Fixture.remote(source)))
                    .hasBinaryContent(Fixture.content());
            assertThat(proxy.requests().get(0).uri()).isEqualTo(source);
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    /** What a second process runs: fetches the fixture into a cache folder and says where it is. */
    static final class FetchingProcess {
        private FetchingProcess() {}

        public static void main(String[] arguments) {
            Path cache = Path.of(arguments[0]);
            RemoteFile remote = Fixture.remote(URI.create(arguments[1]));
            System.out.println(
                    "fetched " + Fixture.downloader(Fixture.settings(cache)).fetch(remote));
        }
    }
}
