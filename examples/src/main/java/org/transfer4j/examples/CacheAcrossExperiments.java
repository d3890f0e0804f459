package org.transfer4j.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.CachedFeatures;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * Ten heads and optimizers tried on one pass through the frozen layers. The first fit computes the features of all
 * images and leaves them in a cache; the others, and all fits of a second run of this program, only read them.
 */
@CommandLine.Command(
        name = "CacheAcrossExperiments",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Tries ten heads on a frozen VGG16; the images pass the frozen layers once.")
public final class CacheAcrossExperiments implements Callable<Integer> {
    @CommandLine.Option(names = "--cache", description = "the folder in which features are kept")
    private Path folder = Path.of("feature-cache");

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

    @CommandLine.Option(names = "--blocks", description = "how many of VGG16's five blocks")
    private int blocks = 4;

    @CommandLine.Option(names = "--size", description = "the images' height and width in pixels")
    private int size = 48;

    @CommandLine.Option(names = "--epochs", converter = Options.Count.class)
    private int epochs = 10;

    @CommandLine.Option(names = "--clear", description = "forget what is in the cache first")
    private boolean clear;

    private final PrintStream out;

    private CacheAcrossExperiments(PrintStream out) {
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
        return Options.run(new CacheAcrossExperiments(out), args);
    }

    @Override
    public Integer call() {
        FeatureCache cache = FeatureCache.in(folder);
        if (clear) {
            cache.clear();
        }
        DatasetSplit all =
                fashionMnist == null ? SampleDatasets.digits().split(0.8, 42) : FashionMnist.folder(fashionMnist);
        DatasetSplit images = new DatasetSplit(all.train().limit(limit), all.test());
        TransferLearner learner = TransferLearner.of(Backbone.vgg16().upTo("block" + blocks + "_pool"))
                .weights(weights())
                .inputSize(size, size)
                .preprocessing(ImagePreprocessing.unit())
                .batchSize(128)
                .epochs(epochs)
                .featureCache(cache);
        if (weights.equals("random")) {
            out.println("Note: the frozen layers have RANDOM weights, nothing here is pretrained.");
        }
        out.println("learn from " + images.train());
        out.println();
        out.println("  seconds  features computed  accuracy  head and optimizer");
        heads(learner).forEach((name, experiment) -> tryOut(name, experiment, images));
        out.println();
        for (CachedFeatures features : cache.list()) {
            out.println(String.format(
                    Locale.ROOT,
                    "kept: %,d images, %,d bytes: %s",
                    features.images(),
                    features.bytes(),
                    features.description()));
        }
        return 0;
    }

    /** What differs between the experiments is above the cut: the features are the same for all of them. */
    private static Map<String, TransferLearner> heads(TransferLearner learner) {
        Map<String, TransferLearner> heads = new LinkedHashMap<>();
        TransferLearner softmax = learner.head(Head.flatten());
        heads.put("softmax, Adam(1e-3)", softmax.optimizer(Optimizer.adam(1e-3)));
        heads.put("softmax, Adam(1e-2)", softmax.optimizer(Optimizer.adam(1e-2)));
        heads.put(
                "softmax, SGD(0.05), decay 1e-5",
                softmax.optimizer(Optimizer.sgd(0.05).decay(1e-5)));
        heads.put(
                "softmax, SGD(0.5), decay 1e-3",
                softmax.optimizer(Optimizer.sgd(0.5).decay(1e-3)));
        for (int units : new int[] {32, 64, 128, 256}) {
            heads.put("dense " + units, learner.head(Head.flatten().dense(units)));
        }
        heads.put(
                "dense 128, dropout 0.5", learner.head(Head.flatten().dense(128).dropout(0.5)));
        heads.put("dense 128, dense 64", learner.head(Head.flatten().dense(128).dense(64)));
        return heads;
    }

    private void tryOut(String name, TransferLearner learner, DatasetSplit images) {
        Computed computed = new Computed();
        long start = System.nanoTime();
        // validation images are cached like the others; evaluate(...) would compute their features each time
        try (ImageClassifier classifier =
                learner.validation(images.test()).listener(computed).fit(images.train())) {
            double seconds = (System.nanoTime() - start) / 1e9;
            double accuracy = classifier
                    .history()
                    .epochs()
                    .get(epochs - 1)
                    .validationAccuracy()
                    .orElseThrow();
            out.println(
                    String.format(Locale.ROOT, "%9.2f  %,17d  %8.4f  %s", seconds, computed.images, accuracy, name));
        }
    }

    private Weights weights() {
        return switch (weights) {
            case "random" -> Weights.random();
            case "imagenet" -> Weights.imagenet();
            default -> Weights.file(Path.of(weights));
        };
    }

    /** Counts the images that pass the frozen layers. */
    private static final class Computed implements FitListener {
        private long images;

        @Override
        public void featuresFinished(long ofThisPass) {
            images += ofThisPass;
        }
    }
}
