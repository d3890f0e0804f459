package org.transfer4j.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.head.Probe;
import picocli.CommandLine;

/**
 * What few labels give: a fit with the library's defaults, a probe without settings, prototypes and nearest neighbours, on the
 * same features of the same images; and which images to label next, round by round. Figures are as in {@link LinearProbe}.
 */
@CommandLine.Command(
        name = "FewLabels",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares a fit, a probe, prototypes and nearest neighbours on few images a class.")
public final class FewLabels implements Callable<Integer> {
    /** The two networks that come with the library. */
    enum Network {
        TINY_VGG(TransferLearner::tinyVgg),
        TINY_RESNET(TransferLearner::tinyResNet);

        @SuppressWarnings("ImmutableEnumChecker") // a method
        private final Supplier<TransferLearner> learner;

        Network(Supplier<TransferLearner> learner) {
            this.learner = learner;
        }

        TransferLearner learner() {
            return learner.get();
        }
    }

    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    @CommandLine.Option(names = "--backbone", description = "${COMPLETION-CANDIDATES}")
    private Network backbone = Network.TINY_RESNET;

    @CommandLine.Option(names = "--side", description = "height and width of the images")
    private int side = 64;

    @CommandLine.Option(
            names = "--draws",
            converter = Options.Count.class,
            description = "how many subsets of each size are drawn")
    private int draws = 5;

    @CommandLine.Option(
            names = "--features",
            description =
                    "a folder for the features and labels of each subset as .npy, for benchmarks/peers/sklearn_probe.py")
    private @Nullable Path features;

    @CommandLine.Option(names = "--rounds", description = "how often images are chosen to be labelled; 0: never")
    private int rounds;

    @CommandLine.Option(
            names = "--labels",
            converter = Options.Count.class,
            description = "how many images are labelled in a round")
    private int labels = 20;

    private final PrintStream out;

    private FewLabels(PrintStream out) {
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
        return Options.run(new FewLabels(out), args);
    }

    @Override
    public Integer call() {
        Map<String, Function<TransferLearner, Function<ImageDataset, ImageClassifier>>> ways = new LinkedHashMap<>();
        ways.put("fit", learner -> learner::fit);
        ways.put("probe", learner -> learner::probe);
        ways.put("prototypes", learner -> data -> learner.probe(data, Probe.PROTOTYPES));
        ways.put("neighbours", learner -> data -> learner.probe(data, Probe.NEAREST_NEIGHBOURS));
        out.println("accuracy, in percent, on test images");
        out.println("| Training images | " + String.join(" | ", ways.keySet()) + " |");
        out.println("|---" + "|---".repeat(ways.size()) + "|");
        Tasks.withFeatureCache(cache -> tasks.load().forEach((name, images) -> {
            TransferLearner learner = backbone.learner()
                    .inputSize(side, side)
                    .head(Head.globalAveragePooling())
                    .featureCache(cache);
            for (int count : tasks.perClass()) {
                List<ImageDataset> subsets = IntStream.range(0, draws)
                        .mapToObj(seed -> Tasks.ofEachClass(images.train().shuffle(seed), count))
                        .toList();
                String cells = ways.values().stream()
                        .map(way -> LinearProbe.cell(
                                subsets.stream()
                                        .mapToDouble(train -> accuracy(way.apply(learner), train, images.test()))
                                        .toArray(),
                                images.test().size()))
                        .collect(Collectors.joining(" | "));
                out.println("| " + name + ", " + count + " a class | " + cells + " |");
                for (int i = 0; features != null && i < draws; i++) {
                    String stem = String.format(Locale.ROOT, "%s_%d_%d", name, count, i);
                    write(learner, subsets.get(i), features, stem + "_train");
                    write(learner, images.test(), features, stem + "_test");
                }
            }
        }));
        if (rounds > 0) {
            out.println();
            out.println("accuracy of a probe, in percent, of images that are labelled round by round");
            tasks.load().forEach(this::label);
        }
        return 0;
    }

    /** Who labels is played by the labels that are there: those of the pool are not looked at before they are asked for. */
    private void label(String name, DatasetSplit images) {
        TransferLearner learner = backbone.learner().inputSize(side, side).head(Head.globalAveragePooling());
        ImageDataset all = images.train();
        List<Integer> open =
                new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
        List<Integer> labelled = new ArrayList<>(asked(open, learner.nextToLabel(all, Math.min(labels, all.size()))));
        for (int round = 1; round <= rounds && !open.isEmpty(); round++) {
            ImageDataset known = all.select(numbers(labelled));
            try (ImageClassifier classifier = learner.probe(known)) {
                out.printf(
                        Locale.ROOT,
                        "%s, %d labels: %.1f%n",
                        name,
                        known.size(),
                        100 * classifier.evaluate(images.test()).accuracy());
                ImageDataset pool = all.select(numbers(open));
                labelled.addAll(asked(open, classifier.nextToLabel(pool, Math.min(labels, open.size()), known)));
            }
        }
    }

    /** Takes images out of those without a label. */
    private static List<Integer> asked(List<Integer> open, int[] chosen) {
        List<Integer> asked = IntStream.of(chosen).mapToObj(open::get).toList();
        open.removeAll(asked);
        return asked;
    }

    private static int[] numbers(List<Integer> images) {
        return images.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double accuracy(Function<ImageDataset, ImageClassifier> way, ImageDataset train, ImageDataset test) {
        try (ImageClassifier classifier = way.apply(train)) {
            return classifier.evaluate(test).accuracy();
        }
    }

    /** The means of the features' channels, [N, C], and the classes, [N]. */
    private static void write(TransferLearner learner, ImageDataset data, Path folder, String stem) {
        int[] classes = IntStream.range(0, data.size()).map(data::classIndex).toArray();
        try (INDArray all = learner.features(data);
                INDArray means = all.mean(2, 3);
                INDArray labels = Nd4j.createFromArray(classes)) {
            Files.createDirectories(folder);
            Nd4j.writeAsNumpy(means, folder.resolve(stem + "_features.npy").toFile());
            Nd4j.writeAsNumpy(labels, folder.resolve(stem + "_labels.npy").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("can't write the features to " + folder + ": " + e.getMessage(), e);
        }
    }
}
