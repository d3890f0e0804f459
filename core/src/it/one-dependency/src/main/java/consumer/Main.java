package consumer;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
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
        System.out.println("consumer of transfer4j-core: all well, " + bytes + " bytes on the class path");
    }

    /** The line without any setting, against a mirror on loopback that has no file of the publisher's bytes. */
    private static void asItStands(ImageDataset data) throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        mirror.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            try (exchange) {
                exchange.sendResponseHeaders(404, -1);
            }
        });
        mirror.start();
        Path cache = Files.createTempDirectory("consumer");
        System.setProperty("transfer4j.cache", cache.toString());
        System.setProperty(
                "transfer4j.mirror", "http://127.0.0.1:" + mirror.getAddress().getPort());
        try (ImageClassifier classifier =
                TransferLearner.vgg16().freezeAll().head(10).fit(data)) {
            check(false, "weights came from a mirror that has none: " + classifier.summary());
        } catch (DownloadException expected) {
            String message = expected.getMessage();
            check(message.contains(WEIGHTS) && message.contains("404"), "the message does not help: " + message);
            check(asked.contains("/weights/vgg16/" + WEIGHTS), "the mirror was asked for " + asked);
        } finally {
            mirror.stop(0);
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
