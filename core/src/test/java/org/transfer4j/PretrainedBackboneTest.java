package org.transfer4j;

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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.NarrowVgg16;
import org.transfer4j.testing.Pictures;

/** A backbone of a user's own whose weights are published: fetched once, then learned with. */
class PretrainedBackboneTest {
    private static final String NAME = "weights/narrow/notop.h5";
    private static final Path PUBLISHED = GoldenFiles.path("weights/official_layout_notop.h5");

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @TempDir
    Path cache;

    @BeforeEach
    void start() throws IOException {
        byte[] content = Files.readAllBytes(PUBLISHED);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            asked.add(path);
            try (exchange) {
                boolean there = path.equals("/mirror/" + NAME);
                exchange.sendResponseHeaders(there ? 200 : 404, there ? content.length : -1);
                if (there) {
                    exchange.getResponseBody().write(content);
                }
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private DownloadSettings mirror(String path) {
        return DownloadSettings.defaults()
                .withCacheFolder(cache)
                .withMirror(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
    }

    private static String hash(String algorithm, byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    }

    private static Backbone backbone(byte[] content) throws Exception {
        return Backbone.builder("served", NarrowVgg16.backbone().topology())
                .inputSize(32, 32)
                .minimumSize(32)
                .pretrained(PretrainedWeights.of(
                        NAME,
                        URI.create("https://publisher.invalid/notop.h5"),
                        content.length,
                        Checksum.md5(hash("MD5", content)),
                        "hashes",
                        "a licence"))
                .build();
    }

    private static TransferLearner learner() throws Exception {
        return TransferLearner.of(backbone(Files.readAllBytes(PUBLISHED))).epochs(1);
    }

    @Test
    void itsWeightsAreFetchedOnceAndLearnedWith() throws Exception {
        TransferLearner fetched = learner().weights(Weights.pretrained(mirror("/mirror")));
        TransferLearner fromFile = learner().weights(Weights.file(PUBLISHED));

        try (ImageClassifier one = fetched.fit(Pictures.dataset(8));
                ImageClassifier other = fromFile.fit(Pictures.dataset(8))) {
            assertThat(Bits.of(one.toComputationGraph())).isEqualTo(Bits.of(other.toComputationGraph()));
        }
        stop();
        assertThat(Bits.of(fetched.features(Pictures.dataset(3))))
                .isEqualTo(Bits.of(fromFile.features(Pictures.dataset(3))));

        assertThat(asked).containsExactly("/mirror/" + NAME);
        assertThat(cache.resolve(NAME)).hasSameBinaryContentAs(PUBLISHED);
    }

    /** The learner has no setting for it; and what nobody sets asks the publisher. */
    @Test
    void theSystemPropertiesAreSettingEnough() throws Exception {
        byte[] content = Files.readAllBytes(PUBLISHED);
        Backbone published = Backbone.builder("served", NarrowVgg16.backbone().topology())
                .inputSize(32, 32)
                .minimumSize(32)
                .pretrained(PretrainedWeights.of(
                        NAME,
                        URI.create("https://publisher.invalid/notop.h5"),
                        content.length,
                        Checksum.sha256(hash("SHA-256", content)),
                        "hashes",
                        "a licence"))
                .build();
        String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/mirror";
        String mirrorBefore = System.setProperty(DownloadSettings.MIRROR_PROPERTY, address);
        String cacheBefore = System.setProperty(DownloadSettings.CACHE_PROPERTY, cache.toString());
        try (ImageClassifier one = TransferLearner.of(published).head(2).fit(Pictures.dataset(8));
                ImageClassifier other = TransferLearner.of(published)
                        .weights(Weights.file(PUBLISHED))
                        .head(2)
                        .fit(Pictures.dataset(8))) {
            assertThat(Bits.of(one.toComputationGraph())).isEqualTo(Bits.of(other.toComputationGraph()));
        } finally {
            restore(DownloadSettings.MIRROR_PROPERTY, mirrorBefore);
            restore(DownloadSettings.CACHE_PROPERTY, cacheBefore);
        }
        assertThat(asked).containsExactly("/mirror/" + NAME);
        assertThat(cache.resolve(NAME)).hasSameBinaryContentAs(PUBLISHED);
    }

    private static void restore(String property, @Nullable String before) {
        if (before == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, before);
        }
    }

    @Test
    void aMirrorWithoutThemEndsTheFitBeforeAnyWork() throws Exception {
        RecordingListener recording = new RecordingListener();
        TransferLearner learner =
                learner().weights(Weights.pretrained(mirror("/empty"))).listener(recording);

        assertThatThrownBy(() -> learner.fit(Pictures.dataset(8)))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("404")
                .hasMessageContaining("notop.h5");

        assertThat(recording.events).isEmpty();
    }

    @Test
    void otherBytesThanThePublishersAreRefused() throws Exception {
        byte[] other = Files.readAllBytes(PUBLISHED);
        other[other.length / 2] ^= 1;
        TransferLearner learner = TransferLearner.of(backbone(other)).weights(Weights.pretrained(mirror("/mirror")));

        assertThatThrownBy(() -> learner.fit(Pictures.dataset(8)))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("MD5");
        assertThat(cache.resolve(NAME)).doesNotExist();
    }

    @Test
    void theyAreNotTakenForImageNets() throws Exception {
        TransferLearner learner = learner().weights(Weights.imagenet(mirror("/mirror")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(Pictures.dataset(8)))
                .withMessage("the backbone's weights were trained on hashes, not on ImageNet");
        assertThat(asked).isEmpty();
    }
}
