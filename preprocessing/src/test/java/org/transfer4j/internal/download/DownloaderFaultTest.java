package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.download.FaultyServer.DeafPort;

class DownloaderFaultTest {
    @TempDir
    Path cache;

    private Path target;
    private Path part;

    @BeforeEach
    void names() {
        target = cache.resolve(Fixture.NAME);
        part = cache.resolve(Fixture.NAME + ".part");
    }

    private Path fetch(FaultyServer server) {
        return Fixture.downloader(Fixture.settings(cache)).fetch(Fixture.remote(server.uri("/tiny.h5")));
    }

    private void leavePart(byte[] bytes) throws IOException {
        Files.createDirectories(target.getParent());
        Files.write(part, bytes);
    }

    private static String header(FaultyServer server, int request, String name) {
        return server.requests().get(request).headers().getFirst(name);
    }

    private void assertFetched() {
        assertThat(target).hasBinaryContent(Fixture.content());
        assertThat(part).doesNotExist();
        assertThat(cache.resolve(Fixture.NAME + ".part.etag")).doesNotExist();
    }

    @Test
    void goesOnWhereTheConnectionWasCut() {
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.cutAfter(120_000))) {
            fetch(server);
            assertFetched();
            assertThat(server.requests()).hasSize(2);
            assertThat(header(server, 0, "Range")).isNull();
            // how many of the bytes got through before the cut is up to the network
            assertThat(header(server, 1, "Range")).matches("bytes=[1-9][0-9]*-");
            assertThat(header(server, 1, "If-Range")).isEqualTo("\"v1\"");
        }
    }

    @Test
    void goesOnWithAPartOfAnEarlierProcess() throws IOException {
        leavePart(Arrays.copyOf(Fixture.content(), 50_000));
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server);
            assertFetched();
            assertThat(server.requests()).hasSize(1);
            assertThat(header(server, 0, "Range")).isEqualTo("bytes=50000-");
        }
    }

    @Test
    void aPartThatIsWholeNeedsNoNetwork() throws IOException {
        leavePart(Fixture.content());
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server);
            assertFetched();
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50_000, 200_000, 300_000})
    void aDamagedPartDoesNotPoison(int length) throws IOException {
        leavePart(new byte[length]);
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            fetch(server);
            assertFetched();
        }
    }

    @Test
    void aServerWithoutRangesSendsTheWholeAgain() {
        try (FaultyServer server =
                new FaultyServer(Fixture.content(), FaultyServer.cutAfter(120_000), FaultyServer.whole())) {
            fetch(server);
            assertFetched();
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aRangeThatCantBeSatisfiedStartsOver() throws IOException {
        leavePart(new byte[50_000]);
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.status(416))) {
            fetch(server);
            assertFetched();
            assertThat(header(server, 1, "Range")).isNull();
        }
    }

    @Test
    void anotherRangeThanAskedForStartsOver() throws IOException {
        leavePart(Arrays.copyOf(Fixture.content(), 50_000));
        FaultyServer.Answer wrongRange = (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 7-8/200000");
            exchange.sendResponseHeaders(206, 2);
            exchange.getResponseBody().write(content, 7, 2);
        };
        try (FaultyServer server = new FaultyServer(Fixture.content(), wrongRange)) {
            fetch(server);
            assertFetched();
            assertThat(header(server, 1, "Range")).isNull();
        }
    }

    @Test
    void aShorterRangeThanAskedForIsTaken() throws IOException {
        leavePart(Arrays.copyOf(Fixture.content(), 50_000));
        FaultyServer.Answer shorter = (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 50000-99999/200000");
            exchange.sendResponseHeaders(206, 50_000);
            exchange.getResponseBody().write(content, 50_000, 50_000);
        };
        try (FaultyServer server = new FaultyServer(Fixture.content(), shorter)) {
            fetch(server);
            assertFetched();
            assertThat(header(server, 1, "Range")).isEqualTo("bytes=100000-");
        }
    }

    @Test
    void anEndBeforeTheEndIsACut() {
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.chunkedUpTo(1000))) {
            fetch(server);
            assertFetched();
            assertThat(header(server, 1, "Range")).isEqualTo("bytes=1000-");
            assertThat(header(server, 1, "If-Range")).isEqualTo("\"v1\"");
        }
    }

    @Test
    void aServerErrorIsTriedAgain() {
        try (FaultyServer server =
                new FaultyServer(Fixture.content(), FaultyServer.status(500), FaultyServer.status(429))) {
            fetch(server);
            assertFetched();
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void aServerErrorThatStaysIsReported() {
        FaultyServer.Answer[] errors = new FaultyServer.Answer[9];
        Arrays.fill(errors, FaultyServer.status(503));
        try (FaultyServer server = new FaultyServer(Fixture.content(), errors)) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("5 attempts failed")
                    .hasMessageContaining("answers 503")
                    .hasMessageContaining("put it at " + target);
            assertThat(server.requests()).hasSize(5);
        }
    }

    @Test
    @Timeout(600)
    void anotherFileInPiecesIsGivenUp() {
        byte[] wrong = Fixture.content();
        wrong[0]++;
        FaultyServer.Answer[] pieces = new FaultyServer.Answer[20];
        Arrays.fill(pieces, FaultyServer.rangesCutAfter(40_000));
        try (FaultyServer server = new FaultyServer(wrong, pieces)) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("5 attempts failed");
            assertThat(server.requests()).hasSizeLessThanOrEqualTo(5);
            assertThat(target).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 410})
    void aRefusalIsFinal(int status) {
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.status(status))) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining(server.uri("/tiny.h5") + " answers " + status);
            assertThat(server.requests()).hasSize(1);
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void wrongBytesAreDeleted() {
        byte[] wrong = Fixture.content();
        wrong[199_999] ^= 0x40;
        try (FaultyServer server = new FaultyServer(wrong)) {
            RemoteFile remote = Fixture.remote(server.uri("/tiny.h5"));
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("expected " + remote.checksum() + ", received ")
                    .hasMessageContaining("could not confirm");
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(part).doesNotExist();
        assertThat(target).doesNotExist();
    }

    @Test
    void aPageInPlaceOfTheFileIsNotEvenRead() {
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.other(new byte[321]))) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("announces 321 bytes, expected are 200,000");
        }
        assertThat(part).doesNotExist();
    }

    @Test
    void aPageInPlaceOfTheFileLeavesThePart() throws IOException {
        leavePart(Arrays.copyOf(Fixture.content(), 50_000));
        try (FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.other(new byte[321]))) {
            assertThatThrownBy(() -> fetch(server)).isInstanceOf(DownloadException.class);
            assertThat(part).hasSize(50_000);
            fetch(server);
            assertFetched();
            assertThat(header(server, 1, "Range")).isEqualTo("bytes=50000-");
        }
    }

    @Test
    void moreBytesThanExpectedAreNotKept() {
        byte[] longer = Arrays.copyOf(Fixture.content(), 900_000);
        try (FaultyServer server = new FaultyServer(longer, FaultyServer.chunkedUpTo(longer.length))) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("more than the expected 200,000 bytes");
        }
        assertThat(part).doesNotExist();
    }

    @Test
    void aStallIsNoticedAndTheDownloadGoesOn() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            server.then(server.stallAfter(1000));
            Downloader downloader = Fixture.downloader(Fixture.settings(cache).withStallTimeout(Duration.ofSeconds(1)));
            downloader.fetch(Fixture.remote(server.uri("/tiny.h5")));
            assertFetched();
            // a machine that is busy for a second looks like one more stall
            assertThat(server.requests()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void silenceIsNoticed() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            server.then(server.silence());
            Downloader downloader = Fixture.downloader(Fixture.settings(cache)
                    .withStallTimeout(Duration.ofMillis(500))
                    .withConnectTimeout(Duration.ofSeconds(3)));
            downloader.fetch(Fixture.remote(server.uri("/tiny.h5")));
            assertFetched();
            assertThat(server.requests()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void followsARedirectWithTheRange() throws IOException {
        leavePart(Arrays.copyOf(Fixture.content(), 50_000));
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            server.then(FaultyServer.redirect(server.uri("/elsewhere")));
            fetch(server);
            assertFetched();
            assertThat(server.paths()).containsExactly("/tiny.h5", "/elsewhere");
            assertThat(header(server, 1, "Range")).isEqualTo("bytes=50000-");
        }
    }

    @Test
    void aHostThatIsOnlyRedirectedToIsNotTakenForTheOneThatAnswers() throws IOException {
        try (DeafPort nobody = new DeafPort();
                FaultyServer server =
                        new FaultyServer(Fixture.content(), FaultyServer.redirect(nobody.uri("/tiny.h5")))) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("no connection to 127.0.0.1, or to a host that it redirects to");
        }
    }

    @Test
    void aRedirectToNowhereIsAnError() {
        try (FaultyServer server = new FaultyServer(
                Fixture.content(), FaultyServer.redirect(URI.create("ftp://me:secret@publisher.invalid/tiny.h5")))) {
            assertThatThrownBy(() -> fetch(server))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("a redirect to ftp://publisher.invalid/tiny.h5")
                    .hasMessageNotContaining("secret");
        }
    }
}
