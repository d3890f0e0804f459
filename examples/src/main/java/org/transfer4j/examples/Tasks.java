package org.transfer4j.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import picocli.CommandLine;

/** The images on which backbones and fits are compared, and subsets of them: options of several programs. */
final class Tasks {
    @CommandLine.Option(names = "--fashion-mnist", description = "the folder with the IDX files of Fashion-MNIST")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(
            names = "--cifar10",
            description = "a folder with CIFAR-10 as images, train/<class>/* and test/<class>/*")
    private @Nullable Path cifar10;

    @CommandLine.Option(
            names = "--folder",
            description = "images of one's own, train/<class>/* and test/<class>/* or val/<class>/*")
    private @Nullable Path folder;

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images of a dataset")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(
            names = "--test-limit",
            converter = Options.Count.class,
            description = "take only so many test images of a dataset")
    private int testLimit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--no-digits", description = "leave out the digits that are in the library")
    private boolean withoutDigits;

    @CommandLine.Option(
            names = "--per-class",
            split = ",",
            arity = "0..1",
            description = "subsets of so many training images a class, before all of them; none: all of them alone")
    private List<Integer> perClass = List.of(10, 100);

    /** By name, training images in random order. */
    Map<String, DatasetSplit> load() {
        Map<String, DatasetSplit> tasks = new LinkedHashMap<>();
        if (!withoutDigits) {
            tasks.put("digits", SampleDatasets.digits().split(0.8, 42));
        }
        if (fashionMnist != null) {
            tasks.put("Fashion-MNIST", FashionMnist.folder(fashionMnist));
        }
        if (cifar10 != null) {
            tasks.put("CIFAR-10", folders(cifar10));
        }
        if (folder != null) {
            tasks.put(folder.toAbsolutePath().normalize().getFileName().toString(), folders(folder));
        }
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException(
                    "without the digits, --fashion-mnist, --cifar10 or --folder is needed: there are no images");
        }
        tasks.replaceAll((name, all) -> new DatasetSplit(
                all.train().shuffle(42).limit(limit), all.test().shuffle(42).limit(testLimit)));
        return tasks;
    }

    private static DatasetSplit folders(Path parent) {
        Path test = parent.resolve("test");
        return new DatasetSplit(
                ImageDataset.folder(parent.resolve("train")),
                ImageDataset.folder(Files.isDirectory(test) ? test : parent.resolve("val")));
    }

    /** How many images of each class the subsets have. */
    List<Integer> perClass() {
        return perClass;
    }

    /** The first images of each class. */
    static ImageDataset ofEachClass(ImageDataset data, int count) {
        int[] taken = new int[data.classNames().size()];
        return data.select(IntStream.range(0, data.size())
                .filter(i -> taken[data.classIndex(i)]++ < count)
                .toArray());
    }

    /** Features are kept as long as something runs. */
    static void withFeatureCache(Consumer<FeatureCache> action) {
        withFolder(folder -> action.accept(FeatureCache.in(folder)));
    }

    /** With a folder that is there as long as something runs. */
    static void withFolder(Consumer<Path> action) {
        try {
            Path folder = Files.createTempDirectory("transfer4j-example");
            try {
                action.accept(folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
