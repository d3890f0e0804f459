package org.transfer4j.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.thread.NativeThreads;
import picocli.CommandLine;

/**
 * The accuracy of a probe on test images, of several draws of the training images; their features are left for the peer,
 * {@code sklearn_probe.py accuracy}, which learns from the same with the same parts.
 */
@CommandLine.Command(name = "probe-accuracy", mixinStandardHelpOptions = true, showDefaultValues = true)
final class ProbeAccuracy implements Callable<Integer> {
    @CommandLine.Option(names = "--fashion-mnist", description = "the folder with the IDX files of Fashion-MNIST")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(names = "--cifar10", description = "CIFAR-10 as images, train/<class>/* and test/<class>/*")
    private @Nullable Path cifar10;

    @CommandLine.Option(names = "--images", defaultValue = "1000", description = "of a draw")
    private int images;

    @CommandLine.Option(names = "--test-images", defaultValue = "10000", description = "at most")
    private int testImages;

    @CommandLine.Option(names = "--seeds", defaultValue = "5", description = "how many draws")
    private int seeds;

    @CommandLine.Option(
            names = "--features",
            required = true,
            description = "a folder for the features and labels, .npy")
    private Path features = Path.of("features");

    @Override
    public Integer call() {
        NativeThreads.applyToNd4j();
        measure("digits", SampleDatasets.digits().split(0.8, 42));
        if (fashionMnist != null) {
            measure("fashion-mnist", FashionMnist.folder(fashionMnist));
        }
        if (cifar10 != null) {
            measure(
                    "cifar-10",
                    new DatasetSplit(
                            ImageDataset.folder(cifar10.resolve("train")),
                            ImageDataset.folder(cifar10.resolve("test"))));
        }
        return 0;
    }

    private void measure(String name, DatasetSplit data) {
        TransferLearner learner = TransferLearner.tinyVgg().head(Head.globalAveragePooling());
        EmbeddedImages all = EmbeddedImages.of(learner, data.train(), seeds * images);
        EmbeddedImages test = EmbeddedImages.of(learner, data.test(), testImages);
        double[] accuracies = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
            // a set that is too small for draws of its own gives them overlapping ones
            int first = seed * images;
            EmbeddedImages train = all.select(IntStream.range(first, first + Math.min(images, all.size()))
                    .map(i -> i % all.size())
                    .toArray());
            double[] equal = new double[data.train().classNames().size()];
            Arrays.fill(equal, 1);
            try (FeatureMatrix matrix = train.matrix()) {
                accuracies[seed] = 100
                        * test.accuracy(LogisticProbe.learn(matrix, train.classes(), equal)
                                .layer());
            }
            String stem = name + "_" + images + "_" + seed;
            train.write(features, stem + "_train");
            test.write(features, stem + "_test");
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s_%d: %.2f%% (%s)",
                name,
                images,
                Arrays.stream(accuracies).average().orElseThrow(),
                Arrays.stream(accuracies)
                        .mapToObj(accuracy -> String.format(Locale.ROOT, "%.2f", accuracy))
                        .collect(Collectors.joining(", "))));
    }
}
