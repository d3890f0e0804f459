package org.transfer4j.internal.fit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.CrossValidationReport;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.evaluate.Evaluation;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.probe.Folds;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.thread.NativeThreads;

/** Fits that each hold out another part of the images. What is frozen is computed once: the parts share a cache. */
public final class CrossValidation<R> {
    private static final Logger LOG = LoggerFactory.getLogger(CrossValidation.class);

    private final Settings settings;
    private final Kind<R> kind;
    private final Folds folds;

    private CrossValidation(Settings settings, Kind<R> kind, Folds folds) {
        this.settings = settings;
        this.kind = kind;
        this.folds = folds;
    }

    /** What is told of images: a class each, or numbers. */
    private interface Kind<R> {
        /** Some of the images, by their numbers. */
        LearningData learned(int[] images);

        /** Compares a network with images that it did not learn from. */
        R evaluate(FittedNetwork network, ExampleSupply supply, int[] held);

        /** A report in some words. */
        String words(R report);
    }

    /** Fits and evaluates. */
    public static CrossValidationReport<EvaluationReport> run(Settings given, ImageDataset data, int number) {
        Settings settings = withoutCheckpoints(given);
        FitTask.of(settings, new LearningData.OneLabel(data));
        return CrossValidationReport.of(
                new CrossValidation<>(settings, new OneLabel(data), folds(data, number)).reports());
    }

    /** Fits to numbers and evaluates. */
    public static CrossValidationReport<RegressionReport> run(Settings given, RegressionDataset data, int number) {
        Settings settings = withoutCheckpoints(given);
        FitTask.of(settings, new LearningData.Numbers(data));
        if (number < 2) {
            throw tooFew(number);
        }
        if (number > data.size()) {
            throw new DatasetException(
                    null,
                    "a cross-validation has no more folds than there are images, " + data.size() + ", got " + number
                            + " folds");
        }
        warnOfOrder(data);
        Numbers kind = new Numbers(data);
        Folds folds = Folds.consecutive(data.size(), number);
        for (int fold = 0; fold < number; fold++) {
            // a target may be the same for all images that one of them leaves
            FitTask.of(settings, kind.learned(folds.images(fold, false)));
        }
        return CrossValidationReport.ofNumbers(new CrossValidation<>(settings, kind, folds).reports());
    }

    /** Where images are in the order of a number, each part holds out numbers as the other parts don't have them. */
    private static void warnOfOrder(RegressionDataset data) {
        List<String> sorted = IntStream.range(0, data.targetNames().size())
                .filter(target -> isSorted(IntStream.range(0, data.size())
                        .mapToDouble(i -> data.targets(i)[target])
                        .toArray()))
                .mapToObj(data.targetNames()::get)
                .toList();
        if (!sorted.isEmpty()) {
            LOG.warn(
                    "the images are in the order of {}, and each part of a cross-validation is of images one after the other:"
                            + " what is held out has other numbers than what is learned from. Shuffle before it:"
                            + " data.shuffle(seed)",
                    sorted);
        }
    }

    private static boolean isSorted(double[] values) {
        boolean rises = true;
        boolean falls = true;
        for (int i = 1; i < values.length; i++) {
            rises &= values[i - 1] <= values[i];
            falls &= values[i - 1] >= values[i];
        }
        return rises != falls;
    }

    private static Settings withoutCheckpoints(Settings given) {
        return given.with(new Settings.Keeping(
                given.keeping().featureCache(),
                Optional.empty(),
                given.keeping().listeners(),
                given.keeping().dl4jListeners()));
    }

    private static IllegalArgumentException tooFew(int number) {
        return new IllegalArgumentException("a cross-validation has 2 folds or more, got " + number);
    }

    private static Folds folds(ImageDataset data, int number) {
        int[] counts = data.classCounts();
        int most = IntStream.of(counts).max().orElse(0);
        if (number < 2) {
            throw tooFew(number);
        }
        if (number > most) {
            throw new DatasetException(
                    null,
                    "a cross-validation has no more folds than the largest class has images, " + most + ", got "
                            + number + " folds");
        }
        int[] classes = IntStream.range(0, data.size()).map(data::classIndex).toArray();
        Folds folds = Folds.stratified(classes, number);
        for (int fold = 0; fold < number; fold++) {
            if (IntStream.of(folds.images(fold, false))
                            .map(i -> classes[i])
                            .distinct()
                            .count()
                    < 2) {
                throw new DatasetException(
                        null,
                        "a classifier needs images of 2 classes or more, but without fold " + (fold + 1) + " of "
                                + number + " only one class is left: of " + data.classNames() + " the data has "
                                + Arrays.toString(counts) + " images");
            }
        }
        if (IntStream.of(counts).anyMatch(count -> count > 0 && count < number)) {
            LOG.warn(
                    "some of the {} folds hold out no image of the classes that have fewer: {} images of {}",
                    number,
                    counts,
                    data.classNames());
        }
        return folds;
    }

    private List<R> reports() {
        return Interruption.cancellable("the cross-validation", this::cached);
    }

    private List<R> cached() {
        if (settings.keeping().featureCache().isPresent()
                || settings.lastFreeze().equals(Freeze.NONE)) {
            return reports(settings);
        }
        Path folder;
        try {
            folder = Files.createTempDirectory(ExampleSupply.temporaryFolder(), "transfer4j-folds");
        } catch (IOException e) {
            throw FileFailure.of("can't keep features in the temporary folder", e);
        }
        try {
            FeatureCache cache = FeatureCache.in(folder).maximumBytes(Long.MAX_VALUE);
            return reports(settings.with(settings.keeping().with(cache)));
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} can't be deleted: {}", folder, e.toString());
        }
    }

    private List<R> reports(Settings caching) {
        NativeThreads.applyToNd4j();
        List<R> reports = new ArrayList<>();
        for (int fold = 0; fold < folds.number(); fold++) {
            Fit.Outcome outcome = Fit.run(caching, kind.learned(folds.images(fold, false)));
            try (FittedNetwork network = outcome.fitted().network()) {
                String which = "the fit without fold " + (fold + 1) + " of " + folds.number();
                outcome.early().ifPresent(early -> {
                    throw ended(which, early);
                });
                reports.add(kind.evaluate(network, supply(caching, network), folds.images(fold, true)));
            }
            LOG.info("fold {} of {}: {}", fold + 1, folds.number(), kind.words(reports.get(fold)));
        }
        return reports;
    }

    private static RuntimeException ended(String which, EarlyEnd early) {
        return early.isCancelled()
                ? Interruption.cancelled(which, early)
                : new IllegalStateException(which + " stopped: " + early.reason(), early);
    }

    private static ExampleSupply supply(Settings settings, FittedNetwork network) {
        return new ExampleSupply(
                settings.with(TrainingPhases.of(settings).last().network()),
                network,
                GuardedListeners.asOne(settings.keeping().listeners()));
    }

    /** Hands over what a network makes of images, batch by batch. */
    private static void compute(
            FittedNetwork network, ExampleSupply supply, DatasetSource held, BiConsumer<Batch, INDArray> result) {
        int[] all = IntStream.range(0, Math.toIntExact(held.size())).toArray();
        try (Examples examples = supply.examples(held);
                BatchStream batches = examples.batches(all, ExampleSupply.FEATURE_BATCH)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                try (INDArray outputs = network.tail().probabilities(batch)) {
                    result.accept(batch, outputs);
                }
            }
        }
    }

    private record OneLabel(ImageDataset data) implements Kind<EvaluationReport> {
        @Override
        public LearningData learned(int[] images) {
            return new LearningData.OneLabel(data.select(images));
        }

        @Override
        public EvaluationReport evaluate(FittedNetwork network, ExampleSupply supply, int[] held) {
            ImageDataset some = data.select(held);
            EvaluationAccumulator report = new EvaluationAccumulator(network.classNames());
            compute(
                    network,
                    supply,
                    DatasetSource.of(some, network.classNames(), "held-out data"),
                    (batch, probabilities) -> report.add(probabilities, batch.classIndices()));
            return report.report(some::sourceOf, new Thumbnails(some));
        }

        @Override
        public String words(EvaluationReport report) {
            return "accuracy " + report.accuracy();
        }
    }

    private record Numbers(RegressionDataset data) implements Kind<RegressionReport> {
        @Override
        public LearningData learned(int[] images) {
            return new LearningData.Numbers(data.select(images));
        }

        @Override
        public RegressionReport evaluate(FittedNetwork network, ExampleSupply supply, int[] held) {
            RegressionDataset some = data.select(held);
            List<float[]> numbers = new ArrayList<>();
            compute(
                    network,
                    supply,
                    new DatasetSource(some.images()),
                    (batch, outputs) -> numbers.addAll(Arrays.asList(outputs.toFloatMatrix())));
            return Evaluation.report(network.classNames(), numbers, some);
        }

        @Override
        public String words(RegressionReport report) {
            return "mean absolute error " + report.meanAbsoluteError();
        }
    }
}
