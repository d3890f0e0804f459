package org.transfer4j.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;
import org.transfer4j.training.TerminalProgress;
import picocli.CommandLine;

/**
 * Fine-tuning as practitioners do it: look for a learning rate, train the head on frozen features, then unfreeze the
 * upper blocks at a lower rate, then all of the network at a still lower one. With {@code --checkpoints} it can be killed
 * at any moment and started again.
 */
@CommandLine.Command(
        name = "FineTuneInPhases",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Fine-tunes VGG16 in three phases and draws how it went.")
public final class FineTuneInPhases implements Callable<Integer> {
    @CommandLine.Option(
            names = "--fashion-mnist",
            description = "the folder with the IDX files of Fashion-MNIST; without it, 1,797 digits that ship with the"
                    + " library")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--weights", description = "random, imagenet, or a file of Keras weights")
    private String weights = "random";

    @CommandLine.Option(names = "--blocks", description = "how many of VGG16's five blocks, 2 or more")
    private int blocks = 3;

    @CommandLine.Option(names = "--size", description = "the images' height and width in pixels")
    private int size = 32;

    @CommandLine.Option(names = "--precision", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(names = "--epochs", converter = Options.Count.class, description = "epochs of each phase")
    private int epochs = 4;

    @CommandLine.Option(names = "--checkpoints", description = "a folder from which a killed training goes on")
    private @Nullable Path checkpoints;

    @CommandLine.Option(
            names = "--plot",
            converter = Options.NewFile.class,
            description = "where to draw loss and accuracy")
    private Path plot = Path.of("fine-tuning.png");

    private final PrintStream out;

    private FineTuneInPhases(PrintStream out) {
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
        return Options.run(new FineTuneInPhases(out), args);
    }

    @Override
    public Integer call() {
        if (blocks < 2) {
            throw new IllegalArgumentException(
                    "the second phase learns one block on another, so --blocks is 2 to 5, got " + blocks);
        }
        DatasetSplit images =
                fashionMnist == null ? SampleDatasets.digits().split(0.8, 42) : FashionMnist.folder(fashionMnist);
        DatasetSplit data = new DatasetSplit(images.train().limit(limit), images.test());
        out.println("learn from " + data.train());
        if (weights.equals("random")) {
            out.println("Note: the network starts from RANDOM weights, nothing here is pretrained.");
        }

        TransferLearner learner = TransferLearner.of(Backbone.vgg16().upTo("block" + blocks + "_pool"))
                .weights(weights())
                .inputSize(size, size)
                .preprocessing(ImagePreprocessing.unit())
                .precision(precision)
                .head(Head.flatten().dense(128).dropout(0.3))
                .batchSize(64);
        double rate = learner.learningRateFinder(data.train()).suggestion();
        out.println(String.format(Locale.ROOT, "suggested learning rate for the head: %.2g", rate));

        TransferLearner tuned = learner.optimizer(Optimizer.adamW(rate).schedule(Schedule.warmUp(1, Schedule.cosine())))
                .augmentation(Augmentation.digits())
                .fineTune(
                        Phase.head().epochs(epochs),
                        Phase.from("block" + blocks + "_conv1").epochs(epochs).learningRateFactor(0.3),
                        Phase.all().epochs(epochs).learningRateFactor(0.1).blockFactor(0.5))
                .validation(data.test())
                .listener(new TerminalProgress());
        if (checkpoints != null) {
            tuned = tuned.checkpoints(Checkpoints.in(checkpoints));
        }
        try (ImageClassifier classifier = tuned.fit(data.train())) {
            for (int phase = 1; phase <= 3; phase++) {
                out.println(String.format(
                        Locale.ROOT,
                        "accuracy on the test images after phase %d: %.4f",
                        phase,
                        accuracyAfter(classifier, phase)));
            }
            classifier.history().plot(plot);
            out.println("drawn to " + plot.toAbsolutePath());
        }
        return 0;
    }

    private static double accuracyAfter(ImageClassifier classifier, int phase) {
        EpochRecord last = classifier.history().epochs().stream()
                .filter(record -> record.phase() == phase)
                .reduce((earlier, later) -> later)
                .orElseThrow();
        return last.validationAccuracy().orElseThrow();
    }

    private Weights weights() {
        return switch (weights) {
            case "random" -> Weights.random();
            case "imagenet" -> Weights.imagenet();
            default -> Weights.file(Path.of(weights));
        };
    }
}
