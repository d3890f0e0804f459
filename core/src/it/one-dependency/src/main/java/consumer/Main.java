package consumer;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;

/** An application with one dependency: fits, saves, loads and predicts, without a network and without JVM flags. */
public final class Main {
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
        System.out.println("consumer of transfer4j-core: all well, " + bytes + " bytes on the class path");
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }
}
