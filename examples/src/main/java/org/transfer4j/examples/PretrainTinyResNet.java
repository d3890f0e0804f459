package org.transfer4j.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.HistoryPlotter;
import org.transfer4j.training.LogProgress;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;
import picocli.CommandLine;

/**
 * Trains the small residual network that ships with the library, from random weights, on Tiny ImageNet: first on small
 * images, then on larger ones. A tenth of the training images is held out for every choice; the validation images are
 * looked at with {@code --test} alone. It can be killed at any moment: the same command goes on from the last epoch.
 */
@CommandLine.Command(
        name = "PretrainTinyResNet",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Trains the small residual network on Tiny ImageNet, evaluates and saves it.")
public final class PretrainTinyResNet implements Callable<Integer> {
    /** Of the training images. */
    private static final double LEARNED = 0.9;

    @CommandLine.Option(names = "--archive", description = "Tiny ImageNet as it is published, packed by xz")
    private Path archive = Path.of("tiny-imagenet.tar.xz");

    @CommandLine.Option(names = "--data", description = "where it is unpacked, or was before")
    private Path data = Path.of("tiny-imagenet");

    @CommandLine.Option(
            names = "--epochs",
            split = ",",
            arity = "1",
            description = "how many with small, with middle and with full images")
    private int[] epochs = {16, 5, 4};

    @CommandLine.Option(
            names = "--sides",
            split = ",",
            arity = "1",
            description = "height and width of the images in each of these phases")
    private int[] sides = {32, 48, 64};

    @CommandLine.Option(
            names = "--rates",
            split = ",",
            arity = "1",
            description = "the highest learning rate of each phase; it falls to that of the next one, in the last to 0")
    private double[] rates = {0.2, 0.1, 0.04};

    @CommandLine.Option(names = "--batch", converter = Options.Count.class, description = "images an update")
    private int batch = 128;

    @CommandLine.Option(names = "--decay", description = "weight decay")
    private double decay = 1e-3;

    @CommandLine.Option(names = "--area", description = "the smallest part of an image that is taken for the whole")
    private double area = 0.35;

    @CommandLine.Option(names = "--mix-up", description = "mixup's alpha, 0 for none")
    private double mixUp = 0.1;

    @CommandLine.Option(names = "--smoothing", description = "of labels")
    private double smoothing = 0.1;

    @CommandLine.Option(names = "--average", description = "the decay of the weights' moving average")
    private double average = 0.999;

    @CommandLine.Option(names = "--seed")
    private long seed = 42;

    @CommandLine.Option(names = "--precision", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(
            names = "--from",
            defaultValue = CommandLine.Option.NULL_VALUE,
            description = "weights to start from; default: random ones")
    private @Nullable Path from;

    @CommandLine.Option(
            names = "--folder",
            description = "where a killed training goes on from, and where the curves, the classifier and the weights,"
                    + " as float16, are left")
    private Path folder = Path.of("tinyresnet");

    @CommandLine.Option(names = "--test", description = "evaluate with the validation images at the end")
    private boolean test;

    private final PrintStream out;
    private final TinyImageNet.Counts counts;

    private PretrainTinyResNet(PrintStream out, TinyImageNet.Counts counts) {
        this.out = out;
        this.counts = counts;
    }

    /**
     * Runs the example.
     *
     * @param args options, see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(run(System.out, TinyImageNet.Counts.PUBLISHED, args));
    }

    /**
     * Runs the example and returns.
     *
     * @param out where it prints
     * @param counts of the images
     * @param args options
     * @return 0 if all went well
     */
    static int run(PrintStream out, TinyImageNet.Counts counts, String... args) {
        return Options.run(new PretrainTinyResNet(out, counts), args);
    }

    @Override
    public Integer call() throws IOException {
        Phase[] phases = phases(); // what is wrong with the options is said before anything is unpacked
        TinyImageNet.Images images = new TinyImageNet(counts).read(data, archive);
        DatasetSplit split = images.training().split(LEARNED, seed);
        out.println("learn from " + split.train());
        out.println("choose by  " + split.test() + ", held out");
        Files.createDirectories(folder);
        TransferLearner learner = learner(phases, split.test());
        out.println(learner.head(Head.globalAveragePooling().classes(counts.classes()))
                .summary());
        out.println(learner.estimate(split.train()));
        try (ImageClassifier classifier = learner.fit(split.train())) {
            Path model = folder.resolve("tinyresnet.t4j");
            Path weights = folder.resolve("tinyresnet.safetensors");
            classifier.save(model);
            classifier.saveBackboneWeights(weights, StoredPrecision.FLOAT16);
            // the listener has seen the epochs since the last start alone
            classifier.history().plot(folder.resolve("curves.png"));
            out.println("saved to " + model.toAbsolutePath() + " and " + weights.toAbsolutePath());
            report(classifier, split.test(), "held-out");
            if (test) {
                report(classifier, images.validation(), "validation");
            }
        }
        return 0;
    }

    private TransferLearner learner(Phase[] phases, ImageDataset heldOut) {
        return TransferLearner.tinyResNet()
                .weights(from == null ? Weights.random() : Weights.file(from))
                .head(Head.globalAveragePooling())
                .fineTune(phases)
                .augmentation(Augmentation.none()
                        .horizontalFlip()
                        .randomResizedCrop(area)
                        .mixUp(mixUp))
                .loss(Loss.crossEntropy().labelSmoothing(smoothing))
                .optimizer(Optimizer.sgd(rates[0]).nesterov(0.9).weightDecay(decay))
                .averageWeights(average)
                .batchSize(batch)
                .seed(seed)
                .precision(precision)
                .validation(heldOut)
                .checkpoints(Checkpoints.in(folder).bestModel())
                .listener(new LogProgress())
                .listener(new HistoryPlotter(folder.resolve("curves.png")));
    }

    private Phase[] phases() {
        int count = epochs.length;
        if (sides.length != count || rates.length != count) {
            throw new IllegalArgumentException("--epochs, --sides and --rates are as many as there are phases, got "
                    + count + ", " + sides.length + " and " + rates.length);
        }
        Phase[] phases = new Phase[count];
        for (int i = 0; i < count; i++) {
            double left = i + 1 < count ? rates[i + 1] / rates[i] : 0;
            Schedule falling = Schedule.cosine(left);
            phases[i] = Phase.all()
                    .epochs(epochs[i])
                    .inputSize(sides[i], sides[i])
                    .learningRateFactor(rates[i] / rates[0])
                    .schedule(i == 0 && epochs[0] > 1 ? Schedule.warmUp(1, falling) : falling);
        }
        return phases;
    }

    private void report(ImageClassifier classifier, ImageDataset images, String which) {
        EvaluationReport report = classifier.evaluate(images);
        out.println(String.format(
                Locale.ROOT,
                "accuracy on %,d %s images: %.4f, among the first five: %.4f",
                images.size(),
                which,
                report.accuracy(),
                report.topK(Math.min(5, counts.classes()))));
    }
}
