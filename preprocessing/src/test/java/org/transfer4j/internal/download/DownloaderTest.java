package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadProgress;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.download.CacheFolder.CacheEntry;
import org.transfer4j.internal.download.Downloader.Download;
import org.transfer4j.internal.download.FaultyServer.DeafPort;

class DownloaderTest {
    @TempDir
    Path folder;

    private Path cache() {
        return folder.resolve("cache");
    }

    private Path target() {
        return cache().resolve(Fixture.NAME);
    }

    private Path fetch(URI source) {
        return Fixture.downloader(Fixture.settings(cache())).fetch(Fixture.remote(source));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void fetchesOnceAndRecordsTheHash() throws IOException {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            assertThat(fetch(server.uri("/a/tiny.h5"))).isEqualTo(target()).hasBinaryContent(Fixture.content());
            assertThat(fetch(server.uri("/a/tiny.h5"))).isEqualTo(target());
            assertThat(server.paths()).containsExactly("/a/tiny.h5");
        }
        assertThat(cache().resolve(Fixture.NAME + ".sha256")).hasContent(Fixture.sha256() + "  tiny.h5\n");
        assertThat(names(folder))
                .containsExactly(
                        "cache/weights/tiny/tiny.h5",
                        "cache/weights/tiny/tiny.h5.lock",
                        "cache/weights/tiny/tiny.h5.sha256");
    }

    /** Whoever shows how a download goes must not be able to end it by mistake. */
    @Test
    void progressThatFailsEndsNothing() {
        DownloadProgress failing = new DownloadProgress() {
            @Override
            public void started(String name, long totalBytes) {
                throw new IllegalStateException("started");
            }

            @Override
            public void advanced(String name, long bytes) {
                throw new InternalError("advanced");
            }

            @Override
            public void finished(String name) {
                throw new IllegalStateException("finished");
            }
        };
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            assertThat(Fixture.downloader(Fixture.settings(cache()).withProgress(failing))
                            .fetch(Fixture.remote(server.uri("/x"))))
                    .hasBinaryContent(Fixture.content());
        }
    }

    /** What has arrived stays for the next download: an interrupt is no fault of the disk's. */
    @Test
    void anInterruptInTheMidstOfItKeepsWhatHasArrived() {
        DownloadProgress interrupting = new DownloadProgress() {
            @Override
            public void started(String name, long totalBytes) {}

            @Override
            public void advanced(String name, long bytes) {
                if (bytes > 0) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void finished(String name) {}
        };
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            assertThatThrownBy(
                            () -> Fixture.downloader(Fixture.settings(cache()).withProgress(interrupting))
                                    .fetch(Fixture.remote(server.uri("/x"))))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(cache().resolve(Fixture.NAME + ".part")).isNotEmptyFile();
        }
    }

    @Test
    void anInterruptedThreadIsGivenWhatIsThere() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server.uri("/x"));
            Thread.currentThread().interrupt();
            assertThat(fetch(server.uri("/x"))).isEqualTo(target());
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aSizeThatIsNotKnownIsNoHindrance() {
        byte[] content = Fixture.content();
        try (FaultyServer server = new FaultyServer(content, FaultyServer.chunkedUpTo(content.length))) {
            RemoteFile remote =
                    new RemoteFile(Fixture.NAME, server.uri("/x"), -1, Checksum.sha256(Fixture.sha256()), "a licence");
            assertThat(Fixture.downloader(Fixture.settings(cache())).fetch(remote))
                    .hasBinaryContent(content);
        }
    }

    @Test
    void aFilePutThereByHandIsVerifiedAndItsHashRecorded() throws IOException {
        Files.createDirectories(target().getParent());
        Files.write(target(), Fixture.content());
        RemoteFile remote = Fixture.remote(URI.create("https://publisher.invalid/tiny.h5"));
        DownloadSettings settings = Fixture.settings(cache()).withOffline(true);
        assertThat(Fixture.downloader(settings).fetch(remote)).isEqualTo(target());
        assertThat(cache().resolve(Fixture.NAME + ".sha256")).hasContent(Fixture.sha256() + "  tiny.h5\n");
    }

    @Test
    void aDamagedFileIsFetchedAnew() throws IOException {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server.uri("/x"));
            byte[] damaged = Fixture.content();
            damaged[100_000] ^= 1;
            Files.write(target(), damaged);
            assertThat(fetch(server.uri("/x"))).hasBinaryContent(Fixture.content());
            Files.write(target(), new byte[3]);
            assertThat(fetch(server.uri("/x"))).hasBinaryContent(Fixture.content());
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void aFileThatDiffersFromItsRecordIsFetchedAnewThoughThePublishersHashAgrees() throws IOException {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server.uri("/x"));
            Files.writeString(cache().resolve(Fixture.NAME + ".sha256"), "0".repeat(64) + "  tiny.h5\n");
            assertThat(fetch(server.uri("/x"))).hasBinaryContent(Fixture.content());
            assertThat(server.requests()).hasSize(2);
        }
    }

    /** As the error of a damaged file says to do it. */
    @Test
    void theRightFileBesideAnOldRecordIsTaken() throws IOException {
        Files.createDirectories(target().getParent());
        Files.write(target(), Fixture.content());
        Path record = cache().resolve(Fixture.NAME + ".sha256");
        Files.writeString(record, "0".repeat(64) + "  tiny.h5\n");
        RemoteFile proven = new RemoteFile(
                Fixture.NAME,
                URI.create("https://publisher.invalid/tiny.h5"),
                200_000,
                Checksum.sha256(Fixture.sha256()),
                "a licence");
        DownloadSettings settings = Fixture.settings(cache()).withOffline(true);
        assertThat(Fixture.downloader(settings).fetch(proven)).isEqualTo(target());
        assertThat(record).hasContent(Fixture.sha256() + "  tiny.h5\n");
    }

    @Test
    void aDamagedFileIsNotSaidToBeMissing() throws IOException {
        Files.createDirectories(target().getParent());
        Files.write(target(), new byte[3]);
        RemoteFile remote = Fixture.remote(URI.create("https://publisher.invalid/tiny.h5"));
        DownloadSettings settings = Fixture.settings(cache()).withOffline(true);
        assertThatThrownBy(() -> Fixture.downloader(settings).fetch(remote))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("in the cache, but damaged (expected 200,000 bytes, received 3)")
                .hasMessageContaining("Delete it and " + target() + ".sha256, and either download https://")
                .hasMessageNotContaining("not in the cache");
    }

    @Test
    void aFolderInItsPlaceIsFoundBeforeTheDownload() throws IOException {
        Files.createDirectories(target());
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            assertThatThrownBy(() -> fetch(server.uri("/x")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("can't keep the download " + target() + ": a folder is in its place");
            assertThat(server.requests()).isEmpty();
        }
    }

    /** Where no lock keeps another process away, its part is not touched. */
    @Test
    void whatHasItsOwnPartLeavesThatOfAnother() throws Exception {
        Files.createDirectories(target().getParent());
        Path others = Files.write(cache().resolve(Fixture.NAME + ".part"), new byte[1000]);
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.cutAfter(120_000))) {
            CacheEntry entry = new CacheEntry(Fixture.remote(server.uri("/x")), cache()).withOwnPart();
            new Download(Fixture.settings(cache()), entry, Duration.ofMillis(1)).run();
        }
        assertThat(target()).hasBinaryContent(Fixture.content());
        assertThat(others).hasBinaryContent(new byte[1000]);
        assertThat(names(folder))
                .containsExactly(
                        "cache/weights/tiny/tiny.h5",
                        "cache/weights/tiny/tiny.h5.part",
                        "cache/weights/tiny/tiny.h5.sha256");
    }

    @Test
    void aRecordThatIsNoneIsWrittenAnew() throws IOException {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server.uri("/x"));
            Path record = cache().resolve(Fixture.NAME + ".sha256");
            for (String nonsense : List.of("", "short", "z".repeat(70), "0".repeat(20_000))) {
                Files.writeString(record, nonsense);
                fetch(server.uri("/x"));
                assertThat(record).hasContent(Fixture.sha256() + "  tiny.h5\n");
            }
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void asksTheMirrorForTheNameInTheCache() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            DownloadSettings settings = Fixture.settings(cache()).withMirror(server.uri("/mirror"));
            Fixture.downloader(settings).fetch(Fixture.remote(URI.create("https://publisher.invalid/tiny.h5")));
            assertThat(server.paths()).containsExactly("/mirror/weights/tiny/tiny.h5");
        }
    }

    @Test
    void asksTheMirrorForTheFileNameWhereItHasNoFolders() {
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.status(404))) {
            DownloadSettings settings = Fixture.settings(cache()).withMirror(server.uri("/mirror/"));
            Fixture.downloader(settings).fetch(Fixture.remote(URI.create("https://publisher.invalid/tiny.h5")));
            assertThat(server.paths()).containsExactly("/mirror/weights/tiny/tiny.h5", "/mirror/tiny.h5");
        }
    }

    @Test
    void offlineSaysWhatToPutWhere() {
        URI source = URI.create("https://publisher.invalid/tiny.h5");
        DownloadSettings settings = Fixture.settings(cache()).withOffline(true);
        assertThatThrownBy(() -> Fixture.downloader(settings).fetch(Fixture.remote(source)))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("the network is forbidden")
                .hasMessageContaining("download https://publisher.invalid/tiny.h5 (200,000 bytes, MD5 ")
                .hasMessageContaining("put it at " + target())
                .hasMessageContaining("-Dtransfer4j.mirror=<address>");
        assertThat(cache()).doesNotExist();
    }

    @Test
    void aRefusedConnectionIsNotTriedAgain() throws IOException {
        // were it tried again, the pauses would be hours
        Downloader downloader = new Downloader(Fixture.settings(cache()), Duration.ofHours(1));
        try (DeafPort nobody = new DeafPort()) {
            RemoteFile remote = Fixture.remote(nobody.uri("/tiny.h5"));
            assertThatThrownBy(() -> downloader.fetch(remote))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("no connection to 127.0.0.1")
                    .hasMessageContaining("put it at " + target());
        }
    }

    @Test
    void aConnectionThatIsNotTrustedIsNotTriedAgain() throws Exception {
        try (FaultyServer server = FaultyServer.untrusted(Fixture.content(), folder)) {
            Downloader downloader = new Downloader(Fixture.settings(cache()), Duration.ofHours(1));
            assertThatThrownBy(() -> downloader.fetch(Fixture.remote(server.uri("/tiny.h5"))))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("no trusted connection to 127.0.0.1")
                    .hasMessageContaining("put it at " + target());
            assertThat(server.requests()).isEmpty();
        }
    }

    /** As a mirror or a proxy without TLS does, which reads the greeting and waits for the end of the line. */
    @Test
    void aServerWithoutTlsIsNotWaitedForLongerThanForAConnection() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread plain = new Thread(() -> {
                try (Socket connection = socket.accept()) {
                    connection.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // the client has gone, as it should
                }
            });
            plain.start();
            DownloadSettings settings = Fixture.settings(cache()).withConnectTimeout(Duration.ofMillis(500));
            Downloader downloader = new Downloader(settings, Duration.ofHours(1));
            URI secure = URI.create("https://127.0.0.1:" + socket.getLocalPort() + "/tiny.h5");
            assertThatThrownBy(() -> downloader.fetch(Fixture.remote(secure)))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("no TLS connection to 127.0.0.1 within 0.5 seconds")
                    .hasMessageContaining("does it speak TLS?")
                    .hasMessageContaining("put it at " + target());
            plain.join();
        }
    }

    /** A proxy that takes the connection and never says whether it reached the server. */
    @Test
    @SuppressWarnings("try") // closed early, which ends the thread
    void aProxyThatDoesNotAnswerIsWaitedForOnceAndNamed() throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        List<String> asked = new CopyOnWriteArrayList<>();
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread silent = new Thread(() -> {
                try {
                    while (true) {
                        try (Socket connection = socket.accept()) {
                            BufferedReader in = new BufferedReader(
                                    new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
                            asked.add(in.readLine());
                            while (in.readLine() != null) {
                                // until the client goes
                            }
                        }
                    }
                } catch (IOException e) {
                    // closed at the end
                }
            });
            silent.start();
            ProxySelector.setDefault(
                    ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort())));
            DownloadSettings settings = Fixture.settings(cache())
                    .withConnectTimeout(Duration.ofMillis(500))
                    .withStallTimeout(Duration.ofMillis(500));
            Downloader downloader = new Downloader(settings, Duration.ofHours(1));
            URI secure = URI.create("https://publisher.invalid/tiny.h5");
            assertThatThrownBy(() -> downloader.fetch(Fixture.remote(secure)))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("no answer for 1.0 seconds from publisher.invalid by the proxy HTTP @ ")
                    .hasMessageContaining(":" + socket.getLocalPort());
            socket.close();
            silent.join();
        } finally {
            ProxySelector.setDefault(before);
        }
        assertThat(asked).singleElement().asString().startsWith("CONNECT publisher.invalid:443");
    }

    @Test
    void anUnknownHostIsNotTriedAgain() {
        Downloader downloader = new Downloader(Fixture.settings(cache()), Duration.ofHours(1));
        RemoteFile remote = Fixture.remote(URI.create("http://publisher.invalid/tiny.h5"));
        assertThatThrownBy(() -> downloader.fetch(remote))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("the host publisher.invalid ")
                .hasMessageContaining("put it at " + target());
    }

    @Test
    void aFileWhereTheCacheFolderShouldBeIsAClearError() throws IOException {
        Files.writeString(cache(), "not a folder");
        assertThatThrownBy(() -> fetch(URI.create("http://publisher.invalid/tiny.h5")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(target().getParent().toString())
                .hasMessageContaining("the cache folder can't be written")
                .hasMessageContaining("-Dtransfer4j.cache=<folder>");
    }

    @Test
    void aFolderWhereTheLockShouldBeIsAClearError() throws IOException {
        Files.createDirectories(cache().resolve(Fixture.NAME + ".lock"));
        assertThatThrownBy(() -> fetch(URI.create("http://publisher.invalid/tiny.h5")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the cache folder can't be written");
    }

    @Test
    void tellsTheProgress() {
        List<String> events = new ArrayList<>();
        DownloadProgress progress = new DownloadProgress() {
            @Override
            public void started(String name, long totalBytes) {
                events.add("started " + name + " " + totalBytes);
            }

            @Override
            public void advanced(String name, long bytes) {
                events.add("advanced " + name + " " + bytes);
            }

            @Override
            public void finished(String name) {
                events.add("finished " + name);
            }
        };
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            Downloader downloader = Fixture.downloader(Fixture.settings(cache()).withProgress(progress));
            downloader.fetch(Fixture.remote(server.uri("/x")));
            assertThat(events)
                    .startsWith("started " + Fixture.NAME + " 200000", "advanced " + Fixture.NAME + " 0")
                    .endsWith("advanced " + Fixture.NAME + " 200000", "finished " + Fixture.NAME);
            events.clear();
            downloader.fetch(Fixture.remote(server.uri("/x")));
            assertThat(events).isEmpty();
        }
    }
}
