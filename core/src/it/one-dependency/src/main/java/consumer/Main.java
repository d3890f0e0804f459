package consumer;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.download.Checksum;
import org.transfer4j.error.DownloadException;

/** An application with one dependency: fits, saves, loads and predicts, without a network and without JVM flags. */
public final class Main {
    private static final String WEIGHTS = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5";
    private static final long MOST_BYTES = 250_000_000;

    public static void main(String[] args) throws Exception {
        long bytes = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(File::new)
                .mapToLong(File::length)
                .sum();
        check(bytes <= MOST_BYTES, "the class path has " + bytes + " bytes, more than " + MOST_BYTES);

        ImageDataset data = SampleDatasets.digits().shuffle(1).limit(100);
        Path model = Files.createTempFile("consumer", ".t4j");
        try (ImageClassifier classifier = TransferLearner.vgg16()
                .freezeAll()
                .head(10)
                .inputSize(32, 32)
                .weights(Weights.random())
                .epochs(2)
                .fit(data)) {
            classifier.save(model);
            try (ImageClassifier loaded = ImageClassifier.load(model)) {
                double probability = loaded.predict(data.limit(1)).get(0).probability();
                check(
                        probability == classifier.predict(data.limit(1)).get(0).probability(),
                        "the loaded classifier predicts otherwise");
            }
        } finally {
            Files.delete(model);
        }
        asItStands(data);
        ownWeightsFromAMirror(data);
        System.out.println("consumer of transfer4j-core: all well, " + bytes + " bytes on the class path");
    }

    /** The line without any setting, against a mirror on loopback that has no file of the publisher's bytes. */
    private static void asItStands(ImageDataset data) throws IOException {
        try (Mirror mirror = new Mirror("/weights/own/own.safetensors", new byte[0]);
                ImageClassifier classifier =
                        TransferLearner.vgg16().freezeAll().head(10).fit(data)) {
            check(false, "weights came from a mirror that has none: " + classifier.summary() + mirror.asked);
        } catch (DownloadException expected) {
            String message = expected.getMessage();
            check(message.contains(WEIGHTS) && message.contains("404"), "the message does not help: " + message);
            check(message.contains("/weights/vgg16/" + WEIGHTS), "the mirror was asked for " + message);
        }
    }

    /** A backbone of the application's own, whose weights are fetched from the mirror, without any other setting. */
    private static void ownWeightsFromAMirror(ImageDataset data) throws Exception {
        Path file = Files.createTempFile("consumer", ".safetensors");
        try (ImageClassifier pretrained = TransferLearner.of(own(new byte[0]))
                .weights(Weights.random())
                .unfreezeAll()
                .epochs(1)
                .fit(data)) {
            pretrained.saveBackboneWeights(file);
        }
        byte[] weights = Files.readAllBytes(file);
        TransferLearner learner = TransferLearner.of(own(weights)).head(10);
        try (Mirror mirror = new Mirror("/weights/own/own.safetensors", weights);
                ImageClassifier fetched = learner.fit(data);
                ImageClassifier local = learner.weights(Weights.file(file)).fit(data)) {
            check(mirror.asked.equals(List.of("/weights/own/own.safetensors")), "asked for " + mirror.asked);
            double probability = fetched.predict(data.limit(1)).get(0).probability();
            check(
                    probability == local.predict(data.limit(1)).get(0).probability(),
                    "weights from the mirror are not those of the file");
        } finally {
            Files.delete(file);
        }
    }

    private static Backbone own(byte[] weights) throws Exception {
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
        return Backbone.builder("own", Backbone.tinyVgg().topology())
                .inputSize(16, 16)
                .minimumSize(8)
                .pretrained(PretrainedWeights.of(
                        "weights/own/own.safetensors",
                        URI.create("https://publisher.invalid/own.safetensors"),
                        weights.length,
                        Checksum.sha256(sha256),
                        "digits",
                        "none"))
                .build();
    }

    /** A server on loopback with one file, which the library's properties name for as long as it is open. */
    private static final class Mirror implements AutoCloseable {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final Path cache = Files.createTempDirectory("consumer");

        Mirror(String name, byte[] content) throws IOException {
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                asked.add(path);
                boolean there = path.equals(name);
                try (exchange) {
                    exchange.sendResponseHeaders(there ? 200 : 404, there ? content.length : -1);
                    if (there) {
                        exchange.getResponseBody().write(content);
                    }
                }
            });
            server.start();
            System.setProperty("transfer4j.cache", cache.toString());
            System.setProperty(
                    "transfer4j.mirror",
                    "http://127.0.0.1:" + server.getAddress().getPort());
        }

        @Override
        public void close() throws IOException {
            server.stop(0);
            try (Stream<Path> left = Files.walk(cache)) {
                left.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }
}
