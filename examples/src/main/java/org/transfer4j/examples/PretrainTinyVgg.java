package org.transfer4j.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.LogProgress;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Schedule;
import picocli.CommandLine;

/**
 * Trains the small VGG that ships with the library, from random weights, on images in class folders
 * ({@code train/<class>/*.jpg}, {@code test/<class>/*.jpg}), CIFAR-10 for instance. It can be killed at any moment: the
 * same command goes on from the last epoch.
 */
@CommandLine.Command(
        name = "PretrainTinyVgg",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Trains the small VGG from random weights, evaluates and saves it.")
public final class PretrainTinyVgg implements Callable<Integer> {
    @CommandLine.Option(names = "--data", description = "the folder that holds train and test")
    private Path data = Path.of("cifar10");

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--epochs", converter = Options.Count.class)
    private int epochs = 90;

    @CommandLine.Option(names = "--batch", converter = Options.Count.class, description = "images an update")
    private int batch = 128;

    @CommandLine.Option(names = "--rate", description = "the highest learning rate")
    private double rate = 0.1;

    @CommandLine.Option(names = "--seed")
    private long seed = 42;

    @CommandLine.Option(names = "--precision", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(names = "--checkpoints", description = "a folder from which a killed training goes on")
    private Path checkpoints = Path.of("tinyvgg-checkpoints");

    @CommandLine.Option(
            names = "--model",
            converter = Options.NewFile.class,
            description = "where to save the classifier")
    private Path model = Path.of("tinyvgg.t4j");

    @CommandLine.Option(
            names = "--weights",
            converter = Options.NewFile.class,
            description = "where to save the backbone's weights, as float16")
    private Path weights = Path.of("tinyvgg.safetensors");

    private final PrintStream out;

    private PretrainTinyVgg(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs the example.
     *
     * @param args options, see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(run(System.out, args));
    }

    /**
     * Runs the example and returns.
     *
     * @param out where it prints
     * @param args options
     * @return 0 if all went well
     */
    static int run(PrintStream out, String... args) {
        return Options.run(new PretrainTinyVgg(out), args);
    }

    @Override
    public Integer call() {
        ImageDataset train = ImageDataset.folder(data.resolve("train"));
        ImageDataset test = ImageDataset.folder(data.resolve("test"));
        out.println("learn from " + train);
        out.println("test with  " + test);
        TransferLearner learner = TransferLearner.tinyVgg()
                .weights(Weights.random())
                .unfreezeAll()
                .head(Head.globalAveragePooling())
                .augmentation(Augmentation.none()
                        .horizontalFlip()
                        .crop(4)
                        .brightness(0.2)
                        .contrast(0.2)
                        .randomErasing(0.5))
                .loss(Loss.crossEntropy().labelSmoothing(0.1))
                .optimizer(Optimizer.sgd(rate).nesterov(0.9).weightDecay(5e-3).schedule(Schedule.oneCycle()))
                .epochs(epochs)
                .batchSize(batch)
                .seed(seed)
                .precision(precision)
                .validation(test)
                .checkpoints(Checkpoints.in(checkpoints))
                .listener(new LogProgress());
        out.println(learner.head(
                        Head.globalAveragePooling().classes(train.classNames().size()))
                .summary());
        try (ImageClassifier classifier = learner.fit(train.shuffle(seed).limit(limit))) {
            EvaluationReport report = classifier.evaluate(test);
            out.println(report);
            classifier.save(model);
            classifier.saveBackboneWeights(weights, StoredPrecision.FLOAT16);
            out.println(
                    String.format(Locale.ROOT, "accuracy on %,d test images: %.4f", test.size(), report.accuracy()));
            out.println("saved to " + model.toAbsolutePath() + " and " + weights.toAbsolutePath());
        }
        return 0;
    }
}
