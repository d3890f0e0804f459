package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.benchmarks.SampleImages.Origin;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * How much memory the notebook's job takes: 28x28 images in one file, VGG16 frozen, a dense layer on it, gradient descent.
 * Printed is the most that the process had resident, by Linux' count.
 */
@CommandLine.Command(name = "notebook", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Notebook implements Callable<Integer> {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    @CommandLine.Option(names = "--size", defaultValue = "224", description = "height and width in pixels")
    private int size;

    @CommandLine.Option(names = "--batch", defaultValue = "128")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "512")
    private int images;

    @CommandLine.Option(names = "--epochs", defaultValue = "1")
    private int epochs;

    @Override
    public Integer call() throws IOException {
        TransferLearner learner = TransferLearner.vgg16()
                .weights(Weights.random())
                .inputSize(size, size)
                .preprocessing(ImagePreprocessing.unit())
                .freezeAll()
                .head(2)
                .optimizer(Optimizer.sgd(0.05).decay(1e-5))
                .batchSize(batch)
                .epochs(epochs);
        try (SampleImages samples = SampleImages.write(Origin.IDX, images);
                ImageClassifier classifier = learner.fit(samples.open())) {
            System.out.println(
                    "loss: " + classifier.history().last().orElseThrow().loss());
        }
        System.out.println("peak MB: " + peakKilobytes() / 1024);
        return 0;
    }

    private static long peakKilobytes() throws IOException {
        try (Stream<String> lines = Files.lines(STATUS)) {
            String peak =
                    lines.filter(line -> line.startsWith(PEAK)).findFirst().orElseThrow();
            return Long.parseLong(peak.replaceAll("[^0-9]", ""));
        }
    }
}
