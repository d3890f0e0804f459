package org.transfer4j.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * What a fit gives for which nobody chose anything, beside what the best of nine choices would have given: 10, 30 and 100
 * epochs with Adam at three rates. One softmax layer learns from the features of the small pretrained VGG.
 */
@CommandLine.Command(
        name = "DefaultFits",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares a fit by default with the best of nine choices of epochs and learning rate.")
public final class DefaultFits implements Callable<Integer> {
    private static final double[] RATES = {3e-4, 1e-3, 3e-3};
    private static final int[] EPOCHS = {10, 30, 100};

    @CommandLine.Option(names = "--fashion-mnist", description = "the folder with the IDX files of Fashion-MNIST")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(
            names = "--cifar10",
            description = "a folder with CIFAR-10 as images, train/<class>/* and test/<class>/*")
    private @Nullable Path cifar10;

    @CommandLine.Option(names = "--limit", description = "take only so many training images of a dataset")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--test-limit", description = "take only so many test images of a dataset")
    private int testLimit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--no-digits", description = "leave out the digits that are in the library")
    private boolean withoutDigits;

    @CommandLine.Option(
            names = "--per-class",
            split = ",",
            description = "subsets of so many training images a class, before all of them")
    private List<Integer> perClass = List.of(10, 100);

    @CommandLine.Option(
            names = "--random-vgg16",
            description = "features of a VGG16 with random weights at 48x48, instead of the small pretrained VGG's")
    private boolean randomVgg16;

    private final PrintStream out;

    private DefaultFits(PrintStream out) {
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
        return new CommandLine(new DefaultFits(out)).execute(args);
    }

    @Override
    public Integer call() {
        Map<String, DatasetSplit> tasks = new LinkedHashMap<>();
        if (!withoutDigits) {
            tasks.put("digits", SampleDatasets.digits().split(0.8, 42));
        }
        if (fashionMnist != null) {
            tasks.put("Fashion-MNIST", FashionMnist.folder(fashionMnist));
        }
        if (cifar10 != null) {
            tasks.put(
                    "CIFAR-10",
                    new DatasetSplit(
                            ImageDataset.folder(cifar10.resolve("train")),
                            ImageDataset.folder(cifar10.resolve("test"))));
        }
        Path cache = temporaryFolder();
        try {
            TransferLearner backbone = randomVgg16
                    ? TransferLearner.vgg16().weights(Weights.random()).inputSize(48, 48)
                    : TransferLearner.tinyVgg();
            TransferLearner learner = backbone.featureCache(FeatureCache.in(cache));
            out.println("| Training images | By default | Epochs | Best of nine | With | Adam(1e-3), 10 epochs |");
            out.println("|---|---|---|---|---|---|");
            tasks.forEach((name, all) -> {
                DatasetSplit images = new DatasetSplit(
                        all.train().shuffle(42).limit(limit),
                        all.test().shuffle(42).limit(testLimit));
                for (int count : perClass) {
                    compare(
                            name + ", " + count + " a class",
                            learner,
                            ofEachClass(images.train(), count),
                            images.test());
                }
                compare(
                        String.format(
                                Locale.ROOT, "%s, %,d", name, images.train().size()),
                        learner,
                        images.train(),
                        images.test());
            });
        } finally {
            delete(cache);
        }
        return 0;
    }

    private void compare(String name, TransferLearner learner, ImageDataset train, ImageDataset test) {
        EpochRecord byDefault = last(learner.validation(test), train).get(0);
        double best = 0;
        String choice = "";
        double old = 0;
        for (double rate : RATES) {
            List<EpochRecord> records = last(
                    learner.validation(test).optimizer(Optimizer.adam(rate)).epochs(EPOCHS[EPOCHS.length - 1]),
                    train,
                    EPOCHS);
            for (int i = 0; i < EPOCHS.length; i++) {
                double accuracy = records.get(i).validationAccuracy().orElseThrow();
                if (accuracy > best) {
                    best = accuracy;
                    choice = "Adam(" + rate + "), " + EPOCHS[i] + " epochs";
                }
                if (rate == 1e-3 && i == 0) {
                    old = accuracy;
                }
            }
        }
        out.println(String.format(
                Locale.ROOT,
                "| %s | %.1f%% | %d | %.1f%% | %s | %.1f%% |",
                name,
                100 * byDefault.validationAccuracy().orElseThrow(),
                byDefault.epoch(),
                100 * best,
                choice,
                100 * old));
    }

    /** The records of some epochs of a fit, of the last where none are named. A rate that is constant knows no end. */
    private static List<EpochRecord> last(TransferLearner learner, ImageDataset train, int... epochs) {
        try (ImageClassifier classifier = learner.fit(train)) {
            List<EpochRecord> records = classifier.history().epochs();
            return epochs.length == 0
                    ? List.of(records.get(records.size() - 1))
                    : IntStream.of(epochs)
                            .mapToObj(epoch -> records.get(epoch - 1))
                            .toList();
        }
    }

    private static ImageDataset ofEachClass(ImageDataset data, int count) {
        int[] taken = new int[data.classNames().size()];
        return data.select(IntStream.range(0, data.size())
                .filter(i -> taken[data.classIndex(i)]++ < count)
                .toArray());
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("default-fits");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
