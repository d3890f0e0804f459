package org.transfer4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.internal.probe.ImagesToLabel;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.thread.NativeThreads;
import picocli.CommandLine;

/**
 * How many labels a label loop saves: the accuracy of a probe on test images, round by round, of images that were chosen and of
 * random ones, and the part of the random labels with which the chosen ones are as good. What is chosen and how is as
 * {@code ImageClassifier.nextToLabel} does it, on features that are computed once.
 */
@CommandLine.Command(name = "labels", mixinStandardHelpOptions = true, showDefaultValues = true)
final class LabelCurves implements Callable<Integer> {
    @CommandLine.Option(names = "--fashion-mnist", description = "the folder with the IDX files of Fashion-MNIST")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(names = "--cifar10", description = "CIFAR-10 as images, train/<class>/* and test/<class>/*")
    private @Nullable Path cifar10;

    @CommandLine.Option(
            names = "--pool",
            converter = Benchmarks.Count.class,
            defaultValue = "1000",
            description = "images to choose from, drawn by each seed")
    private int poolSize;

    @CommandLine.Option(
            names = "--test-images",
            converter = Benchmarks.Count.class,
            defaultValue = "1000",
            description = "at most")
    private int testImages;

    @CommandLine.Option(names = "--seeds", converter = Benchmarks.Count.class, defaultValue = "10")
    private int seeds;

    @CommandLine.Option(
            names = "--labels",
            converter = Benchmarks.Count.class,
            defaultValue = "20",
            description = "of a round")
    private int labels;

    @CommandLine.Option(names = "--rounds", converter = Benchmarks.Count.class, defaultValue = "10")
    private int rounds;

    @CommandLine.Option(names = "--picture", description = "a PNG of the curves, <name>.png in this folder")
    private @Nullable Path pictures;

    @Override
    public Integer call() {
        if ((long) labels * rounds > poolSize) {
            throw new IllegalArgumentException(
                    "--pool has an image for each of " + rounds + " rounds of " + labels + " labels, got " + poolSize);
        }
        NativeThreads.applyToNd4j();
        TransferLearner vgg = TransferLearner.tinyVgg().head(Head.globalAveragePooling());
        TransferLearner resNet = TransferLearner.tinyResNet().inputSize(48, 48).head(Head.globalAveragePooling());
        measure("digits", SampleDatasets.digits().split(0.8, 42), vgg);
        if (fashionMnist != null) {
            measure("Fashion-MNIST", FashionMnist.folder(fashionMnist), vgg);
        }
        if (cifar10 != null) {
            // tinyVgg has learned from these images
            measure(
                    "CIFAR-10",
                    new DatasetSplit(
                            ImageDataset.folder(cifar10.resolve("train")),
                            ImageDataset.folder(cifar10.resolve("test"))),
                    resNet);
        }
        return 0;
    }

    private void measure(String name, DatasetSplit data, TransferLearner learner) {
        int classes = data.train().classNames().size();
        EmbeddedImages all = EmbeddedImages.of(learner, data.train(), 3 * poolSize);
        EmbeddedImages test = EmbeddedImages.of(learner, data.test(), testImages);
        Map<String, double[][]> curves = new LinkedHashMap<>();
        for (boolean chosen : new boolean[] {false, true}) {
            double[][] curve = IntStream.range(0, seeds)
                    .mapToObj(seed -> curve(all, test, classes, chosen, seed))
                    .toArray(double[][]::new);
            curves.put(chosen ? "chosen" : "random", curve);
        }
        print(name, curves);
        if (pictures != null) {
            draw(pictures, name, curves);
        }
    }

    private double[] curve(EmbeddedImages all, EmbeddedImages test, int classes, boolean chosen, int seed) {
        Random random = new Random(seed);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
        Collections.shuffle(order, random);
        EmbeddedImages pool = all.select(
                order.stream().limit(poolSize).mapToInt(Integer::intValue).toArray());
        List<Integer> open =
                new ArrayList<>(IntStream.range(0, pool.size()).boxed().toList());
        List<Integer> labelled = new ArrayList<>();
        double[] accuracies = new double[rounds];
        LinearLayer layer = new LinearLayer(new double[0][], new double[0]);
        for (int round = 0; round < rounds; round++) {
            List<Integer> next = chosen
                    ? IntStream.of(next(pool, labelled, open, layer, classes, seed))
                            .mapToObj(open::get)
                            .toList()
                    : List.copyOf(open.subList(0, labels));
            labelled.addAll(next);
            open.removeAll(next);
            layer = learned(pool.select(ints(labelled)), classes);
            accuracies[round] = test.accuracy(layer);
        }
        return accuracies;
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    private int[] next(
            EmbeddedImages pool, List<Integer> labelled, List<Integer> open, LinearLayer layer, int classes, int seed) {
        EmbeddedImages unlabelled = pool.select(ints(open));
        if (labelled.size() < 5 * classes) {
            List<Integer> both = new ArrayList<>(labelled);
            both.addAll(open);
            try (FeatureMatrix matrix = pool.select(ints(both)).matrix()) {
                return ImagesToLabel.typical(matrix, labelled.size(), labels, seed);
            }
        }
        double[] margins = Arrays.stream(unlabelled.features())
                .mapToDouble(row -> margin(layer, row))
                .toArray();
        try (FeatureMatrix matrix = unlabelled.matrix()) {
            return ImagesToLabel.uncertain(matrix, margins, labels, seed);
        }
    }

    private static LinearLayer learned(EmbeddedImages some, int classes) {
        double[] equal = new double[classes];
        Arrays.fill(equal, 1);
        try (FeatureMatrix matrix = some.matrix()) {
            return LogisticProbe.learn(matrix, some.classes(), equal).layer();
        }
    }

    private static double margin(LinearLayer layer, float[] row) {
        double[] sorted = EmbeddedImages.scores(layer, row);
        Arrays.sort(sorted);
        double largest = sorted[sorted.length - 1];
        double sum =
                Arrays.stream(sorted).map(score -> Math.exp(score - largest)).sum();
        return (1 - Math.exp(sorted[sorted.length - 2] - largest)) / sum;
    }

    private void print(String name, Map<String, double[][]> curves) {
        System.out.println("| " + name + ", labels | random, % | chosen, % | needs of random's labels |");
        System.out.println("|---|---|---|---|");
        double[][] random = curves.getOrDefault("random", new double[0][]);
        double[][] chosen = curves.getOrDefault("chosen", new double[0][]);
        for (int round = 0; round < rounds; round++) {
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %d | %.1f ± %.1f | %.1f ± %.1f | %s |",
                    (round + 1) * labels,
                    100 * mean(random, round),
                    100 * half(random, round),
                    100 * mean(chosen, round),
                    100 * half(chosen, round),
                    needed(random, chosen, round)));
        }
    }

    /** With how many labels the chosen ones first have the accuracy of random ones, between two rounds in proportion. */
    private String needed(double[][] random, double[][] chosen, int round) {
        double goal = mean(random, round);
        for (int other = 0; other < rounds; other++) {
            double there = mean(chosen, other);
            if (there >= goal) {
                double before = other == 0 ? 0 : mean(chosen, other - 1);
                double at = other == 0 ? 1 : other + (goal - before) / (there - before);
                return String.format(Locale.ROOT, other == 0 ? "at most %.2f" : "%.2f", at / (round + 1));
            }
        }
        return "more than " + String.format(Locale.ROOT, "%.2f", (double) rounds / (round + 1));
    }

    private static double mean(double[][] curves, int round) {
        return Arrays.stream(curves)
                .mapToDouble(curve -> curve[round])
                .average()
                .orElseThrow();
    }

    /** Half of the 95% interval of the mean. */
    private static double half(double[][] curves, int round) {
        double mean = mean(curves, round);
        double squares = Arrays.stream(curves)
                .mapToDouble(curve -> (curve[round] - mean) * (curve[round] - mean))
                .sum();
        return 1.96 * Math.sqrt(squares / Math.max(1, curves.length - 1) / curves.length);
    }

    private void draw(Path folder, String name, Map<String, double[][]> curves) {
        List<Double> across = IntStream.rangeClosed(1, rounds)
                .mapToObj(r -> (double) r * labels)
                .toList();
        LineChart chart =
                new LineChart(700, 420, name, "labels", "accuracy").whole().range(Double.NaN, 1);
        Chart.Ink[] inks = {Chart.Ink.SECOND, Chart.Ink.FIRST};
        int line = 0;
        for (Map.Entry<String, double[][]> curve : curves.entrySet()) {
            chart.line(
                    curve.getKey(),
                    across,
                    IntStream.range(0, rounds)
                            .mapToObj(r -> mean(curve.getValue(), r))
                            .toList(),
                    inks[line++]);
        }
        Path file = folder.resolve("labels-" + name.toLowerCase(Locale.ROOT) + ".png");
        try {
            Files.write(file, Png.of(List.of(chart)));
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}
