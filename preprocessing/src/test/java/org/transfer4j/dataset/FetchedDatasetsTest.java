package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;

/** Datasets that are fetched: what a mirror serves must be what was published, whatever it is. */
class FetchedDatasetsTest {
    private static final int MNIST_TRAINING_IMAGES = 9_912_422;

    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @TempDir
    Path cache;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        byte[] content = files.get(path);
        try (exchange) {
            exchange.sendResponseHeaders(content == null ? 404 : 200, content == null ? -1 : content.length);
            if (content != null) {
                exchange.getResponseBody().write(content);
            }
        }
    }

    private DownloadSettings settings() {
        return DownloadSettings.defaults()
                .withCacheFolder(cache)
                .withMirror(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    private void assertNothingIsCached(String file) {
        assertThat(cache.resolve(file)).doesNotExist();
    }

    @Test
    void aFileOfAnotherSizeIsRefusedWithBothSizes() throws IOException {
        byte[] small = IdxDatasetTest.gzip(IdxDatasetTest.images(3, 28, 28));
        files.put("/fashion-mnist/train-images-idx3-ubyte.gz", small);

        assertThatThrownBy(() -> FashionMnist.fetched(settings()))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("train-images-idx3-ubyte.gz")
                .hasMessageContaining("26,421,880")
                .hasMessageContaining(String.format(Locale.ROOT, "%,d", small.length));
        assertNothingIsCached("fashion-mnist/train-images-idx3-ubyte.gz");
    }

    @Test
    void aFileOfOtherBytesIsRefusedWithBothSums() {
        files.put("/mnist/train-images-idx3-ubyte.gz", new byte[MNIST_TRAINING_IMAGES]);

        assertThatThrownBy(() -> Mnist.fetched(settings()))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("train-images-idx3-ubyte.gz")
                .hasMessageContaining("f68b3c2dcbeaaa9fbdd348bbdeb94873")
                .hasMessageContaining(md5OfZeros());
        assertNothingIsCached("mnist/train-images-idx3-ubyte.gz");
    }

    private static String md5OfZeros() {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            return HexFormat.of().formatHex(md5.digest(new byte[MNIST_TRAINING_IMAGES]));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aMirrorWithoutTheFileIsNamed() {
        assertThatThrownBy(() -> Mnist.fetched(settings()))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("train-images-idx3-ubyte.gz")
                .hasMessageContaining("404");
        assertThat(asked).contains("/mnist/train-images-idx3-ubyte.gz");
    }
}
