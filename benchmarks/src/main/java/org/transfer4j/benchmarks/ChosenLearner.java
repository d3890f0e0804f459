package org.transfer4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.internal.choose.Choosing;
import org.transfer4j.internal.choose.CutFeatures;
import org.transfer4j.internal.choose.KnownBackbones;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;
import picocli.CommandLine;

/**
 * What a choice of a learner costs and loses beside probing all combinations, with features shared there too: the accuracy on
 * test images of the chosen one, of the best of all, and of the one with the best cross-validation, and both times. Times are
 * those that the CPU spent on this process, whatever else it did.
 */
@CommandLine.Command(name = "choose", mixinStandardHelpOptions = true, showDefaultValues = true)
final class ChosenLearner implements Callable<Integer> {
    @CommandLine.Option(names = "--fashion-mnist", description = "the folder with the IDX files of Fashion-MNIST")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(names = "--cifar10", description = "CIFAR-10 as images, train/<class>/* and test/<class>/*")
    private @Nullable Path cifar10;

    @CommandLine.Option(names = "--no-digits")
    private boolean withoutDigits;

    @CommandLine.Option(names = "--images", defaultValue = "1000", description = "to choose and to learn by")
    private int images;

    @CommandLine.Option(names = "--test-images", defaultValue = "2000", description = "at most")
    private int testImages;

    @CommandLine.Option(names = "--seeds", defaultValue = "5", description = "how many draws of the images")
    private int seeds;

    @CommandLine.Option(names = "--part", defaultValue = "0.2", description = "of the time of all, to choose in")
    private double part;

    private final List<Settings> learners =
            KnownBackbones.atHand(List.of()).stream().map(Settings::of).toList();

    /** What a combination has shown with all images. */
    private record Probed(double crossValidated, double accuracy) {}

    @Override
    public Integer call() {
        NativeThreads.applyToNd4j();
        Map<String, DatasetSplit> sets = new LinkedHashMap<>();
        if (!withoutDigits) {
            sets.put("digits", SampleDatasets.digits().split(0.6, 42));
        }
        if (fashionMnist != null) {
            sets.put("Fashion-MNIST", FashionMnist.folder(fashionMnist));
        }
        if (cifar10 != null) {
            sets.put(
                    "CIFAR-10",
                    new DatasetSplit(
                            ImageDataset.folder(cifar10.resolve("train")),
                            ImageDataset.folder(cifar10.resolve("test"))));
        }
        ImageDataset first = SampleDatasets.digits().shuffle(1).limit(100);
        Choosing.run(learners, first, Duration.ofDays(1));
        System.out.println(
                "| Data, seed | best of all | chosen | worse by | best by cross-validation | time of all, s |"
                        + " time, s | part | images of the last round | chosen learner |");
        System.out.println("|---".repeat(10) + "|");
        sets.forEach(this::measure);
        return 0;
    }

    private void measure(String name, DatasetSplit data) {
        ImageDataset test = data.test().shuffle(42);
        test = test.limit(Math.min(testImages, test.size()));
        Map<String, EmbeddedImages> tests = new HashMap<>();
        double[] losses = new double[seeds];
        try (Passes passes = new Passes(learners)) {
            for (CutFeatures pass : passes.all) {
                compute(pass, test);
                for (int c = 0; c < pass.columns().size(); c++) {
                    tests.put(name(pass, c), new EmbeddedImages(rows(pass, c), classes(test)));
                }
            }
            for (int seed = 0; seed < seeds; seed++) {
                ImageDataset train = data.train().shuffle(seed);
                train = train.limit(Math.min(images, train.size()));
                losses[seed] = measure(name + ", " + seed, train, tests);
            }
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s: worse by %.2f points, mean of %d seeds",
                name,
                Arrays.stream(losses).average().orElseThrow(),
                seeds));
    }

    private double measure(String name, ImageDataset train, Map<String, EmbeddedImages> tests) {
        long start = cpu();
        Map<String, Probed> probed = probed(train, tests);
        double all = (cpu() - start) / 1e9;
        start = cpu();
        Choosing.Outcome outcome =
                Choosing.run(learners, train, Duration.ofNanos((long) (part * all * 1e9)), ChosenLearner::cpu);
        double own = (cpu() - start) / 1e9;
        Probed chosen = Objects.requireNonNull(probed.get(outcome.settings().toString()), "a combination");
        double best =
                probed.values().stream().mapToDouble(Probed::accuracy).max().orElseThrow();
        double validated = probed.values().stream()
                .max((a, b) -> Double.compare(a.crossValidated, b.crossValidated))
                .orElseThrow()
                .accuracy();
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f | %.1f | %.1f | %.3f | %d | `%s` |",
                name,
                100 * best,
                100 * chosen.accuracy,
                100 * (best - chosen.accuracy),
                100 * validated,
                all,
                own,
                own / all,
                outcome.trials().get(0).images(),
                outcome.trials().get(0).code()));
        return 100 * (best - chosen.accuracy);
    }

    private static long cpu() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** Probes all combinations. */
    private Map<String, Probed> probed(ImageDataset train, Map<String, EmbeddedImages> tests) {
        int[] labels = classes(train);
        double[] equal = new double[train.classNames().size()];
        Arrays.fill(equal, 1);
        Map<String, Probed> probed = new LinkedHashMap<>();
        try (Passes passes = new Passes(learners)) {
            for (CutFeatures pass : passes.all) {
                compute(pass, train);
                for (int c = 0; c < pass.columns().size(); c++) {
                    try (FeatureMatrix features = pass.matrix(c)) {
                        LogisticProbe.Learned learned = LogisticProbe.learn(features, labels, equal);
                        String name = name(pass, c);
                        probed.put(
                                name,
                                new Probed(
                                        learned.accuracies().stream()
                                                .max(Double::compare)
                                                .orElseThrow(),
                                        Objects.requireNonNull(tests.get(name), name)
                                                .accuracy(learned.layer())));
                    }
                }
                pass.close();
            }
        }
        return probed;
    }

    private static int[] classes(ImageDataset data) {
        return IntStream.range(0, data.size()).map(data::classIndex).toArray();
    }

    private static float[][] rows(CutFeatures pass, int column) {
        return pass.rows(column).stream()
                .flatMap(batch -> Arrays.stream(batch.toFloatMatrix()))
                .toArray(float[][]::new);
    }

    private static String name(CutFeatures pass, int column) {
        return pass.settings(pass.columns().get(column)).toString();
    }

    private static void compute(CutFeatures pass, ImageDataset data) {
        boolean[] wanted = new boolean[pass.columns().size()];
        Arrays.fill(wanted, true);
        pass.compute(data, data.size(), wanted);
    }

    /** All backbones at all sizes. */
    private static final class Passes implements AutoCloseable {
        private final List<CutFeatures> all;

        Passes(List<Settings> learners) {
            all = learners.stream()
                    .flatMap(learner -> {
                        BackboneParameters parameters = BackboneParameters.of(learner.network(), learner.data());
                        return Choosing.sizes(learner.network()).stream()
                                .map(size -> CutFeatures.of(
                                        learner.with(learner.network().withSize(size.height(), size.width())),
                                        parameters));
                    })
                    .toList();
        }

        @Override
        public void close() {
            all.forEach(CutFeatures::close);
        }
    }
}
