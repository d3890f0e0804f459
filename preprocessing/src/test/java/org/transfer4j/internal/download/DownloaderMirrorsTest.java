package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.download.FaultyServer.DeafPort;

/** Several mirrors, on the loopback interface. */
@Timeout(600)
class DownloaderMirrorsTest {
    @TempDir
    Path cache;

    private Path fetch(URI... mirrors) {
        return Fixture.downloader(Fixture.settings(cache).withMirrors(mirrors))
                .fetch(Fixture.remote(URI.create("http://publisher.invalid/tiny.h5")));
    }

    private static void notFound(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(404, -1);
    }

    private static void broken(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(503, -1);
    }

    @Test
    void theFirstThatHasTheFileIsTaken() throws IOException {
        FaultyServer.Answer none = DownloaderMirrorsTest::notFound;
        try (DeafPort nobody = new DeafPort();
                FaultyServer empty = new FaultyServer(new byte[0], none, none);
                FaultyServer good = new FaultyServer(Fixture.content());
                FaultyServer unasked = new FaultyServer(Fixture.content())) {
            Path file = fetch(nobody.uri("/gone"), empty.uri("/a"), good.uri("/b"), unasked.uri("/c"));
            assertThat(file).hasBinaryContent(Fixture.content());
            assertThat(empty.paths()).containsExactly("/a/" + Fixture.NAME, "/a/tiny.h5");
            assertThat(good.paths()).containsExactly("/b/" + Fixture.NAME);
            assertThat(unasked.paths()).isEmpty();
        }
    }

    @Test
    void aMirrorThatAnnouncesAnotherLengthIsPassedOver() throws IOException {
        Path part = cache.resolve(Fixture.NAME + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(Fixture.content(), 50_000));
        FaultyServer.Answer[] answers = new FaultyServer.Answer[5];
        Arrays.fill(answers, (FaultyServer.Answer) (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 50000-199999/200000");
            exchange.sendResponseHeaders(206, 9_000_000_000_000_000L);
        });
        try (FaultyServer wrong = new FaultyServer(Fixture.content(), answers);
                FaultyServer good = new FaultyServer(Fixture.content())) {
            assertThat(fetch(wrong.uri("/a"), good.uri("/b"))).hasBinaryContent(Fixture.content());
        }
    }

    @Test
    void aMirrorWithAnotherFileIsPassedOver() {
        byte[] other = Fixture.content();
        other[7]++;
        try (FaultyServer wrong = new FaultyServer(other);
                FaultyServer good = new FaultyServer(Fixture.content())) {
            assertThat(fetch(wrong.uri("/a"), good.uri("/b"))).hasBinaryContent(Fixture.content());
        }
    }

    @Test
    void theNextMirrorGoesOnWhereTheLastStopped() {
        FaultyServer.Answer broken = DownloaderMirrorsTest::broken;
        try (FaultyServer first = new FaultyServer(
                        Fixture.content(), FaultyServer.cutAfter(60_000), broken, broken, broken, broken);
                FaultyServer second = new FaultyServer(Fixture.content())) {
            assertThat(fetch(first.uri("/a"), second.uri("/b"))).hasBinaryContent(Fixture.content());
            assertThat(second.requests().get(0).headers()).containsKey("Range");
        }
    }

    @Test
    void whereNoneHasItTheErrorNamesEach() throws IOException {
        FaultyServer.Answer none = DownloaderMirrorsTest::notFound;
        FaultyServer.Answer broken = DownloaderMirrorsTest::broken;
        byte[] other = Fixture.content();
        other[7]++;
        try (DeafPort nobody = new DeafPort();
                FaultyServer empty = new FaultyServer(new byte[0], none, none);
                FaultyServer failing = new FaultyServer(new byte[0], broken, broken, broken, broken, broken);
                FaultyServer wrong = new FaultyServer(other)) {
            URI gone = nobody.uri("/gone");
            assertThatThrownBy(() -> fetch(gone, empty.uri("/a"), failing.uri("/b"), wrong.uri("/c")))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining(gone + "/" + Fixture.NAME + ": no connection to 127.0.0.1")
                    .hasMessageContaining(empty.uri("/a/tiny.h5") + " answers 404")
                    .hasMessageContaining("5 attempts failed, the last with " + failing.uri("/b/" + Fixture.NAME))
                    .hasMessageContaining("what " + wrong.uri("/c/" + Fixture.NAME) + " sent is another file")
                    .hasMessageContaining("(now " + gone + ", " + empty.uri("/a"));
        }
        assertThat(cache.resolve(Fixture.NAME)).doesNotExist();
        assertThat(Files.exists(cache.resolve(Fixture.NAME + ".part"))).isFalse();
    }
}
