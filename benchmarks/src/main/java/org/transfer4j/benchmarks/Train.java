package org.transfer4j.benchmarks;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.transfer4j.backbone.Precision;
import picocli.CommandLine;

/**
 * How many images a second a network trains on, from arrays in memory, after a warm-up: plain gradient descent, a softmax
 * of 10 classes. Frozen layers are computed in every step, as in Keras, although a fit computes them once an image.
 */
@CommandLine.Command(name = "train", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Train implements Callable<Integer> {
    @CommandLine.Option(names = "--backbone", defaultValue = "vgg16", description = "a backbone's name, such as vgg16")
    private String backbone = "vgg16";

    @CommandLine.Option(
            names = "--from",
            defaultValue = "all",
            description = "the lowest trainable layer, such as block5_conv1, or all")
    private String from = "all";

    @CommandLine.Option(names = "--size", defaultValue = "48", description = "height and width in pixels")
    private int size;

    @CommandLine.Option(names = "--batch", defaultValue = "32")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "320", description = "how many images are measured")
    private int images;

    @CommandLine.Option(names = "--precision", defaultValue = "FLOAT32", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(
            names = "--still",
            description =
                    "batch normalization by its kept statistics, as in a fit of pretrained layers, and not by the batch's")
    private boolean still;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        try (TrainedNetwork network = TrainedNetwork.of(backbone, from, size, batch, precision, !still)) {
            int steps = Math.max(1, images / batch);
            network.train(Math.max(2, steps / 4));
            double seconds = otherWork.beside(() -> {
                long start = System.nanoTime();
                double loss = network.train(steps);
                System.out.println(String.format(Locale.ROOT, "loss: %.4f", loss));
                return (System.nanoTime() - start) / 1e9;
            });
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", steps * batch / seconds));
        }
        return 0;
    }
}
