package org.transfer4j.benchmarks;

import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * How many images a second a network learns from, from files on disk, as in a pretraining: decoded, cropped and mirrored
 * anew in each epoch. Measured is the second of two epochs; beside it, what the input pipeline does alone.
 */
@CommandLine.Command(name = "scratch", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Scratch implements Callable<Integer> {
    @CommandLine.Option(names = "--data", required = true, description = "a folder with a folder of images a class")
    private Path data = Path.of(".");

    @CommandLine.Option(names = "--backbone", defaultValue = "tinyresnet")
    private String backbone = "tinyresnet";

    @CommandLine.Option(names = "--size", defaultValue = "64", description = "height and width in pixels")
    private int size;

    @CommandLine.Option(names = "--batch", defaultValue = "128")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "6400", description = "how many images are measured")
    private int images;

    @CommandLine.Option(names = "--augment", description = "random resized crops and flips")
    private boolean augment;

    @CommandLine.Option(names = "--precision", defaultValue = "FLOAT32", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @Override
    public Integer call() {
        ImageDataset taken = ImageDataset.folder(data).shuffle(1).limit(images);
        Augmentation augmentation =
                augment ? Augmentation.none().horizontalFlip().randomResizedCrop(0.35) : Augmentation.none();
        Backbone network = Backbones.named(backbone);
        TransferLearner learner = TransferLearner.of(network)
                .weights(Weights.random())
                .unfreezeAll()
                .inputSize(size, size)
                .head(Head.globalAveragePooling())
                .augmentation(augmentation)
                .loss(Loss.crossEntropy().labelSmoothing(0.1))
                .optimizer(Optimizer.sgd(0.1).nesterov(0.9))
                .precision(precision)
                .batchSize(batch)
                .epochs(2);
        try (ImageClassifier classifier = learner.fit(taken)) {
            double trained = classifier.history().last().orElseThrow().imagesPerSecond();
            double read = pipeline(taken, augmentation, network);
            System.out.println(String.format(Locale.ROOT, "input pipeline alone, images/s: %.2f", read));
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", trained));
        }
        return 0;
    }

    private double pipeline(ImageDataset taken, Augmentation augmentation, Backbone network) {
        int[] order = IntStream.range(0, taken.size()).toArray();
        BatchSettings settings =
                BatchSettings.of(size, size, network.preprocessing()).withBatchSize(batch);
        long start = System.nanoTime();
        try (var batches = taken.augmentedBatches(order, augmentation, SplittableRandom::new, settings)) {
            while (batches.hasNext()) {
                batches.next();
            }
        }
        return taken.size() / ((System.nanoTime() - start) / 1e9);
    }
}
