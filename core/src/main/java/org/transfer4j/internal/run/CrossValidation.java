package org.transfer4j.internal.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.CrossValidationReport;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.probe.Folds;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;

/** Fits that each hold out another part of the images. What is frozen is computed once: the parts share a cache. */
public final class CrossValidation {
    private static final Logger LOG = LoggerFactory.getLogger(CrossValidation.class);

    private CrossValidation() {}

    /** Fits and evaluates. */
    public static CrossValidationReport run(Settings given, ImageDataset data, int number) {
        Settings settings = given.with(new Settings.Keeping(
                given.keeping().featureCache(),
                Optional.empty(),
                given.keeping().listeners(),
                given.keeping().dl4jListeners()));
        FitTask.of(settings, new LearningData.OneLabel(data));
        Folds folds = folds(data, number);
        return Interruption.cancellable("the cross-validation", () -> cached(settings, data, folds));
    }

    private static Folds folds(ImageDataset data, int number) {
        int[] counts = data.classCounts();
        int most = IntStream.of(counts).max().orElse(0);
        if (number < 2) {
            throw new IllegalArgumentException("a cross-validation has 2 folds or more, got " + number);
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

    private static CrossValidationReport cached(Settings settings, ImageDataset data, Folds folds) {
        if (settings.keeping().featureCache().isPresent()
                || settings.lastFreeze().equals(Freeze.NONE)) {
            return run(settings, data, folds);
        }
        Path folder;
        try {
            folder = Files.createTempDirectory(ExampleSupply.temporaryFolder(), "transfer4j-folds");
        } catch (IOException e) {
            throw FileFailure.of("can't keep features in the temporary folder", e);
        }
        try {
            FeatureCache cache = FeatureCache.in(folder).maximumBytes(Long.MAX_VALUE);
            return run(settings.with(settings.keeping().with(cache)), data, folds);
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

    private static CrossValidationReport run(Settings settings, ImageDataset data, Folds folds) {
        NativeThreads.applyToNd4j();
        List<EvaluationReport> reports = new ArrayList<>();
        for (int fold = 0; fold < folds.number(); fold++) {
            ImageDataset learned = data.select(folds.images(fold, false));
            Fit.Outcome outcome = Fit.run(settings, new LearningData.OneLabel(learned));
            try (FittedNetwork network = outcome.fitted().network()) {
                String which = "the fit without fold " + (fold + 1) + " of " + folds.number();
                outcome.early().ifPresent(early -> {
                    throw ended(which, early);
                });
                reports.add(evaluate(settings, network, data.select(folds.images(fold, true))));
            }
            LOG.info(
                    "fold {} of {}: accuracy {}",
                    fold + 1,
                    folds.number(),
                    reports.get(fold).accuracy());
        }
        return new CrossValidationReport(reports);
    }

    private static RuntimeException ended(String which, EarlyEnd early) {
        return early.isCancelled()
                ? Interruption.cancelled(which, early)
                : new IllegalStateException(which + " stopped: " + early.reason(), early);
    }

    private static EvaluationReport evaluate(Settings settings, FittedNetwork network, ImageDataset held) {
        FitListener listener = GuardedListeners.asOne(settings.keeping().listeners());
        ExampleSupply supply = new ExampleSupply(
                TrainingPhases.of(settings).last().network(), settings.data(), settings.keeping(), network, listener);
        EvaluationAccumulator report = new EvaluationAccumulator(network.classNames());
        int[] all = IntStream.range(0, held.size()).toArray();
        try (Examples examples = supply.examples(DatasetSource.of(held, network.classNames(), "held-out data"));
                BatchStream batches = examples.batches(all, ExampleSupply.FEATURE_BATCH)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                try (INDArray probabilities = network.tail().probabilities(batch)) {
                    report.add(probabilities, batch.classIndices());
                }
            }
        }
        return report.report(held::sourceOf, new Thumbnails(held));
    }
}
