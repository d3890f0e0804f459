package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;

class PretrainedWeightsLoadingTest {
    private static final String NAME = "weights/narrow/notop.h5";

    @TempDir
    Path cache;

    private static byte[] content() throws IOException {
        return Files.readAllBytes(NarrowVgg.file("official_layout_notop.h5"));
    }

    private static PretrainedWeights source(String trainedOn) throws Exception {
        byte[] content = content();
        String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        return PretrainedWeights.of(
                NAME,
                URI.create("https://publisher.invalid/notop.h5"),
                content.length,
                Checksum.md5(md5),
                trainedOn,
                "a licence");
    }

    @Test
    void fetchesFromAMirrorAndThenFromTheCache() throws Exception {
        byte[] content = content();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/mirror/" + NAME, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
        server.start();
        DownloadSettings settings = DownloadSettings.defaults()
                .withCacheFolder(cache)
                .withMirror(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/mirror"));
        Optional<PretrainedWeights> source = Optional.of(source(Weights.IMAGENET));
        try {
            assertThat(WeightsLoader.load(Weights.imagenet(settings), source, Shapes.network(NarrowVgg.shapes())))
                    .hasSize(13);
        } finally {
            server.stop(0);
        }
        assertThat(WeightsLoader.load(Weights.pretrained(settings), source, Shapes.network(NarrowVgg.shapes())))
                .hasSize(13);
    }

    @Test
    void offlineSaysWhatToPutWhere() throws Exception {
        Weights weights = Weights.imagenet(
                DownloadSettings.defaults().withCacheFolder(cache).withOffline(true));
        Optional<PretrainedWeights> source = Optional.of(source(Weights.IMAGENET));
        assertThatThrownBy(() -> WeightsLoader.load(weights, source, Shapes.network(NarrowVgg.shapes())))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("https://publisher.invalid/notop.h5")
                .hasMessageContaining(cache.resolve(NAME).toString());
    }

    @Test
    void doesNotTakeOtherWeightsForImageNets() throws Exception {
        Optional<PretrainedWeights> source = Optional.of(source("CIFAR-10"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightsLoader.load(Weights.imagenet(), source, Shapes.network(NarrowVgg.shapes())))
                .withMessageContaining("trained on CIFAR-10, not on ImageNet");
    }

    @Test
    void aBackboneWithoutPretrainedWeightsSaysSo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        WeightsLoader.load(Weights.pretrained(), Optional.empty(), Shapes.network(NarrowVgg.shapes())))
                .withMessageContaining("no pretrained weights");
    }
}
