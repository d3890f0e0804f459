package org.transfer4j.internal.fit;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.LearningRateSweep;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.TrainingProgress;

/** One run of a learner: checks, cut, feature pass, epochs. */
public final class Fit {
    private static final Logger LOG = LoggerFactory.getLogger(Fit.class);

    private Fit() {}

    /**
     * What a fit gives.
     *
     * @param fitted what was learned, also where the fit ended early
     * @param early why it ended before its last epoch
     */
    public record Outcome(Fitted fitted, Optional<EarlyEnd> early) {}

    /** Checks, before any work, what {@link #run} would. */
    public static void check(Settings settings, LearningData data) {
        FitTask task = FitTask.of(settings, data);
        NativeMemory.guarded(() -> {
            requireMemory(task);
            return task;
        });
    }

    /** Trains. */
    public static Outcome run(Settings settings, LearningData data) {
        FitTask task = FitTask.of(settings, data);
        return NativeMemory.guarded(() -> fit(task));
    }

    private static Outcome fit(FitTask task) {
        NativeThreads.applyToNd4j();
        Settings settings = task.settings();
        requireMemory(task);
        FitListener listener = GuardedListeners.asOne(settings.keeping().listeners());
        listener.fitStarting();
        settings.keeping().featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        PhaseNetworks networks = new PhaseNetworks(settings, task.loss(), task.classNames(), task.scale());
        TrainingRun run = new TrainingRun(task, listener, networks);
        FittedNetwork network = networks.first();
        try {
            if (task.source() instanceof DatasetSource images) {
                new PreprocessingCheck(firstPhase(settings), network.parameters()).warn(images.dataset());
            }
            warnOfShared(task.source(), task.held());
            return run.run(network);
        } finally {
            // whoever shows how the fit goes has to know that it goes no further
            listener.fitFinished(run.history());
        }
    }

    /** Refuses a network that can't be run in the memory that there is, or can't be trained, before any work. */
    static void requireMemory(FitTask task) {
        NativeThreads.applyToNd4j();
        Settings settings = task.settings();
        NetworkPlan plan = settings.plan(task.classNames().size());
        PhaseNetworks.requireMemory(
                TrainingPhases.of(settings).all(), task.classNames().size(), task.mostRows());
        try {
            TailCompiler.requireTrainable(
                    plan.tail(),
                    PhaseNetworks.tailSettings(
                            settings,
                            settings.training().optimizer(),
                            Map.of(),
                            task.loss(),
                            settings.keeping().dl4jListeners()));
        } catch (UnsupportedGraphException e) {
            throw new IllegalArgumentException(
                    plan.name() + " can't be trained there yet: " + e.getMessage() + "; freeze that layer", e);
        }
    }

    /** Warns of images for validation that are learned from too: they are read for it, not decoded. */
    private static void warnOfShared(LabelledSource training, @Nullable LabelledSource held) {
        if (training instanceof DatasetSource learned && held instanceof DatasetSource validation) {
            warnOfShared(learned.dataset(), validation.dataset());
        }
    }

    private static void warnOfShared(ImageDataset training, ImageDataset validation) {
        Set<ByteBuffer> learned = ConcurrentHashMap.newKeySet();
        int[] shared;
        try {
            IntStream.range(0, training.size()).parallel().forEach(i -> learned.add(digest(training, i)));
            shared = IntStream.range(0, validation.size())
                    .parallel()
                    .filter(i -> learned.contains(digest(validation, i)))
                    .toArray();
        } catch (UncheckedIOException e) {
            // the fit itself will say which image can't be read
            return;
        }
        if (shared.length > 0) {
            LOG.warn(
                    "{} of {} images for validation are also learned from, byte for byte, {} for example: the figures on"
                            + " them say too much. DatasetInspection names them all",
                    shared.length,
                    validation.size(),
                    validation.sourceOf(shared[0]));
        }
    }

    private static ByteBuffer digest(ImageDataset data, int index) {
        return ByteBuffer.wrap(data.contentDigest(index));
    }

    private static Settings firstPhase(Settings settings) {
        return settings.with(TrainingPhases.of(settings).first().network());
    }

    /** Trains a throwaway tail with growing learning rates. */
    public static LearningRateCurve learningRates(Settings settings, LearningData data) {
        return Interruption.cancellable(
                "the search for a learning rate", () -> NativeMemory.guarded(() -> sweep(settings, data)));
    }

    private static LearningRateCurve sweep(Settings given, LearningData data) {
        NativeThreads.applyToNd4j();
        if (Double.isNaN(given.training().optimizer().learningRate(new TrainingProgress(0, 1, 1, List.of())))) {
            throw new IllegalArgumentException("the optimizer has no learning rate to look for: "
                    + given.training().optimizer());
        }
        LearningData training = given.data().validationSplit() > 0
                ? FitTask.split(given.data(), data).train()
                : data;
        FitTask.Labelling labelling = FitTask.Labelling.of(given, training);
        FitTask.Outputs outputs = labelling.outputs();
        LabelledSource source = labelling.training(training);
        FitTask.requireImagesOfClasses(source, source.size(), outputs.answers());
        TrainingLoss loss = labelling.loss(source);
        Settings settings = outputs.settings();
        FitListener nobody = new FitListener() {};
        PhaseNetworks networks = new PhaseNetworks(settings, loss, source.classNames(), labelling.scale());
        try (FittedNetwork network = networks.first();
                Examples examples = TrainingRun.examples(
                        "training", () -> new ExampleSupply(firstPhase(settings), network, nobody).examples(source))) {
            Nd4j.getRandom().setSeed(settings.data().seed());
            return LearningRateSweep.run(
                    network.tail(),
                    examples,
                    settings.training().batchSize(),
                    settings.data().seed());
        }
    }
}
