package org.transfer4j.internal.fit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStore.FeatureVolume;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.PhaseEstimate;
import org.transfer4j.training.TrainingEstimate;

/** Does a little of what a fit would do, on a throwaway network, and reckons from it what all of it takes. */
public final class Estimation {
    /** Rows of features for a first look: three batches, of which the first tells of the start. */
    private static final int FIRST_ROWS = 3 * ExampleSupply.FEATURE_BATCH;

    private static final int MOST_ROWS = 6_000;
    private static final int GROWTH = 6;
    private static final int VALIDATION_BATCHES = 3;

    private final FitTask task;
    private final Settings settings;
    private long memory;

    /** What the network of the phase before holds: in a fit it is freed when the next one was filled from it. */
    private long networkBefore;

    private Estimation(FitTask task) {
        this.task = task;
        this.settings = task.settings();
    }

    /** Estimates what a fit would take. */
    public static TrainingEstimate run(Settings settings, LearningData data) {
        Estimation estimation = new Estimation(FitTask.of(settings, data));
        return Interruption.cancellable("the estimate", () -> NativeMemory.guarded(estimation::estimate));
    }

    private TrainingEstimate estimate() {
        NativeThreads.applyToNd4j();
        Fit.requireMemory(task);
        List<PhaseEstimate> phases = new ArrayList<>();
        for (int i = 0; i < Math.max(1, settings.training().phases().size()); i++) {
            Settings trial = trial(i);
            phases.add(phase(trial, TrainingPhases.of(trial).last()));
        }
        NetworkPlan plan = settings.plan(task.classNames().size());
        boolean cached = settings.keeping().featureCache().isPresent();
        long bytes = cached
                ? phases.stream().mapToLong(PhaseEstimate::featureBytes).sum()
                : phases.stream().mapToLong(PhaseEstimate::featureBytes).max().orElse(0);
        return new TrainingEstimate(
                task.training().size(),
                validationImages(),
                plan.network().parameterCount(),
                bytes,
                freeBytes(),
                memory,
                Math.max(0, Pointer.maxPhysicalBytes()),
                phases);
    }

    /** One of the phases on its own: nobody is told, nothing is kept, and no weights are fetched. */
    private Settings trial(int phase) {
        Settings.NetworkSettings network = settings.network();
        TrainingSettings training = settings.training();
        Settings.StartingPoint random =
                new Settings.StartingPoint(network.backbone(), Weights.random(), network.start(), List.of());
        // a listener that does nothing: whether there is one decides who trains
        List<TrainingListener> dl4jListeners =
                settings.keeping().dl4jListeners().isEmpty() ? List.of() : List.of(new BaseTrainingListener() {});
        return settings.with(network.withBatchStatistics(network.usesBatchStatistics())
                        .with(random))
                .with(
                        training.phases().isEmpty()
                                ? training
                                : training.withPhases(List.of(training.phases().get(phase))))
                .with(new Settings.Keeping(Optional.empty(), Optional.empty(), List.of(), dl4jListeners));
    }

    private long validationImages() {
        LearningData validation = task.validation();
        return validation == null ? 0 : Math.max(0, validation.size());
    }

    private long freeBytes() {
        Path folder = settings.keeping()
                .featureCache()
                .map(cache -> cache.folder().toAbsolutePath())
                .orElseGet(ExampleSupply::temporaryFolder);
        try {
            while (!Files.exists(folder) && folder.getParent() != null) {
                folder = folder.getParent();
            }
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }

    private PhaseEstimate phase(Settings trial, TrainingPhases.PlannedPhase planned) {
        long before = Pointer.physicalBytes();
        TrialWatch watch = new TrialWatch();
        TrainingLoss loss = task.loss();
        try (FittedNetwork network = new PhaseNetworks(trial, loss, task.classNames(), task.scale()).first()) {
            watch.lookAtMemory();
            Settings own = trial.with(planned.network());
            ExampleSupply supply = new ExampleSupply(own, network, watch);
            FeatureVolume volume = ExampleSupply.volume(
                    trial.data(), network.plan(), task.training().size(), validationImages());
            Duration epoch;
            try (Examples examples = sample(supply, watch)) {
                epoch = epoch(network.tail(), examples, loss, watch, planned);
            }
            // validation has a pass of its own, of which this watch should not hear
            epoch = epoch.plus(validation(network, new ExampleSupply(own, network, new FitListener() {})));
            long trained = network.tail().parameters().values().stream()
                    .flatMap(layer -> layer.values().stream())
                    .mapToLong(INDArray::length)
                    .sum();
            watch.lookAtMemory();
            long held = Math.max(0, Pointer.physicalBytes() - before);
            long best = settings.training().earlyStopping().isPresent() ? trained * Float.BYTES : 0;
            memory = Math.max(memory, watch.memory + best + networkBefore);
            networkBefore = held;
            return new PhaseEstimate(
                    trained,
                    volume.bytes(),
                    watch.featurePass(volume.rows()),
                    epoch,
                    planned.epochs(task.training().size()));
        }
    }

    /** Longer passes where they are fast. */
    private Examples sample(ExampleSupply supply, TrialWatch watch) {
        int variants = settings.data().augments() ? settings.data().cachedVariants() : 1;
        int rows = FIRST_ROWS;
        while (true) {
            int images = (int) Math.min(task.training().size(), Math.max(1, rows / Math.max(1, variants)));
            Examples examples = supply.augmentedExamples(
                    task.labelled(task.training().sample(images, settings.data().seed())));
            if (images == task.training().size() || rows >= MOST_ROWS || !watch.wantsLongerPass()) {
                return examples;
            }
            examples.close();
            rows *= GROWTH;
        }
    }

    private Duration epoch(
            Tail tail, Examples examples, TrainingLoss loss, TrialWatch watch, TrainingPhases.PlannedPhase planned) {
        int images = Math.toIntExact(task.training().size());
        try {
            // with a rate of zero: however long it trains, no weight becomes too large
            TailTrainer trainer = new TailTrainer(
                            tail,
                            planned.optimizer(),
                            loss,
                            settings.training().batchSize(),
                            settings.data().seed(),
                            watch)
                    .ratePart(0);
            settings.training().averageDecay().ifPresent(trainer::averaging);
            trainer.train(
                    new RepeatedExamples(examples, images),
                    null,
                    planned.epochs(task.training().size()));
        } catch (TrialWatch.Enough enough) {
            watch.lookAtMemory();
        } catch (EarlyEnd e) {
            if (e.isCancelled()) {
                throw e;
            }
        }
        int batchSize = settings.training().batchSize();
        return watch.epoch(((long) images + batchSize - 1) / batchSize);
    }

    private Duration validation(FittedNetwork network, ExampleSupply supply) {
        LearningData validation = task.validation();
        if (validation == null || validation.size() <= 0) {
            return Duration.ZERO;
        }
        Tail tail = network.tail();
        int some = (int) Math.min(validation.size(), FIRST_ROWS);
        int all = Math.toIntExact(validation.size());
        long images = 0;
        long start = 0;
        try (Examples held = new RepeatedExamples(
                        supply.examples(task.labelled(
                                validation.sample(some, settings.data().seed()))),
                        all);
                BatchStream batches = held.batches(
                        IntStream.range(0, all).toArray(), settings.training().batchSize())) {
            // the first batch is for starting
            for (int i = 0; i <= VALIDATION_BATCHES && (batches.hasNext() || i == 0); i++) {
                Batch batch = batches.next();
                if (i == 0) {
                    start = System.nanoTime();
                }
                tail.probabilities(batch).close();
                images += batch.size();
            }
        }
        return TrialWatch.duration((System.nanoTime() - start) / 1e9 * all / images);
    }

    /** Looks at clock and memory while a little of a fit is tried, and ends the trial when it has seen enough. */
    private static final class TrialWatch implements FitListener {
        private static final double ENOUGH_SECONDS = 1;
        private static final int ENOUGH_EPOCHS = 3;
        private static final int FEWEST_STEPS = 4;

        private long passStart;
        private long passFirst;
        private long passLast;
        private long rowsFirst;
        private long rowsLast;
        private double warmUp = -1;
        private long start;
        private long epochStart;
        private long stepFirst;
        private long stepLast;
        private int steps;
        private int epochs;
        private double fullEpoch = Double.NaN;

        /** The most that the process held. */
        private long memory;

        /** Thrown when enough was seen. */
        static final class Enough extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Enough() {
                super("a trial is over", null, false, false);
            }
        }

        @Override
        public void featuresStarted(long images) {
            passStart = System.nanoTime();
            passFirst = 0;
            rowsFirst = 0;
            lookAtMemory();
        }

        @Override
        public void featuresAdvanced(long images) {
            passLast = System.nanoTime();
            rowsLast = images;
            if (rowsFirst == 0) {
                passFirst = passLast;
                rowsFirst = images;
            }
            lookAtMemory();
        }

        @Override
        public void featuresFinished(long images) {
            if (warmUp < 0) {
                warmUp = Math.max(0, seconds(passStart, passFirst) - rowsFirst * secondsPerRow());
            }
        }

        /** Whether the last feature pass was too short to tell much. */
        boolean wantsLongerPass() {
            return rowsLast > 0 && seconds(passStart, passLast) < ENOUGH_SECONDS / 2;
        }

        private double secondsPerRow() {
            return rowsLast > rowsFirst
                    ? seconds(passFirst, passLast) / (rowsLast - rowsFirst)
                    : seconds(passStart, passLast) / rowsLast;
        }

        /** The time in which so many rows would be computed; zero where there was no pass. */
        Duration featurePass(long rows) {
            return rowsLast == 0 || rows == 0 ? Duration.ZERO : duration(warmUp + rows * secondsPerRow());
        }

        @Override
        public void epochStarted(int epoch, int all, long images) {
            epochStart = System.nanoTime();
            start = start == 0 ? epochStart : start;
            steps = 0;
            lookAtMemory();
        }

        @Override
        public void batchFinished(long iteration, long images, double loss) {
            stepLast = System.nanoTime();
            steps++;
            if (steps == 1) {
                stepFirst = stepLast;
            }
            lookAtMemory();
            if (steps >= FEWEST_STEPS && seconds(stepFirst, stepLast) > ENOUGH_SECONDS) {
                throw new Enough();
            }
        }

        @Override
        public void epochFinished(EpochRecord record) {
            // the first is slower than the others
            fullEpoch = seconds(epochStart, System.nanoTime());
            epochs++;
            if (epochs >= ENOUGH_EPOCHS && seconds(start, System.nanoTime()) > ENOUGH_SECONDS / 2) {
                throw new Enough();
            }
        }

        /** The time of an epoch of so many steps. */
        Duration epoch(long all) {
            double bySteps =
                    all * (steps > 1 ? seconds(stepFirst, stepLast) / (steps - 1) : seconds(epochStart, stepLast));
            return duration(Double.isNaN(fullEpoch) ? bySteps : fullEpoch);
        }

        void lookAtMemory() {
            memory = Math.max(memory, Pointer.physicalBytes());
        }

        static Duration duration(double seconds) {
            return Duration.ofNanos(Math.round(seconds * 1e9));
        }

        private static double seconds(long from, long to) {
            return (to - from) / 1e9;
        }
    }

    /**
     * A few examples that pass for many, to find out how long many would take.
     *
     * @param some repeated over and over
     * @param size how many they pass for
     */
    private record RepeatedExamples(Examples some, int size) implements Examples {
        @Override
        public Examples inEpoch(int epoch) {
            return new RepeatedExamples(some.inEpoch(epoch), size);
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            return some.batches(IntStream.of(order).map(i -> i % some.size()).toArray(), batchSize);
        }

        @Override
        public void close() {
            some.close();
        }
    }
}
