package org.transfer4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureVolume;
import org.transfer4j.internal.feature.RepeatedExamples;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.PhaseEstimate;
import org.transfer4j.training.TrainingEstimate;

/** Does a little of what a fit would do, on a throwaway network, and reckons from it what all of it takes. */
final class Estimation {
    /** Rows of features for a first look: three batches, of which the first tells of the start. */
    private static final int FIRST_ROWS = 3 * ExampleSupply.FEATURE_BATCH;

    private static final int MOST_ROWS = 6_000;
    private static final int GROWTH = 6;
    private static final int VALIDATION_BATCHES = 3;

    private final FitTask task;
    private final TransferLearner learner;
    private long memory;

    /** What the network of the phase before holds: in a fit it is freed when the next one was filled from it. */
    private long networkBefore;

    Estimation(FitTask task) {
        this.task = task;
        this.learner = task.learner();
    }

    TrainingEstimate run() {
        return Interruption.cancellable("the estimate", () -> NativeMemory.guarded(this::estimate));
    }

    private TrainingEstimate estimate() {
        NativeThreads.applyToNd4j();
        learner.requireMemory(task.classNames().size());
        List<PhaseEstimate> phases = new ArrayList<>();
        for (int i = 0; i < Math.max(1, learner.phases().size()); i++) {
            TrainingPhases.Step step = TrainingPhases.of(learner.trial(i)).last();
            phases.add(phase(step.learner(), step));
        }
        NetworkPlan plan = learner.plan(task.classNames().size());
        boolean cached = learner.featureCache().isPresent();
        long bytes = cached
                ? phases.stream().mapToLong(PhaseEstimate::featureBytes).sum()
                : phases.stream().mapToLong(PhaseEstimate::featureBytes).max().orElse(0);
        return new TrainingEstimate(
                task.training().size(),
                validationImages(),
                Graphs.parameterCount(plan.graph()),
                bytes,
                freeBytes(),
                memory,
                Math.max(0, Pointer.maxPhysicalBytes()),
                phases);
    }

    private long validationImages() {
        LearningData validation = task.validation();
        return validation == null ? 0 : Math.max(0, validation.size());
    }

    private long freeBytes() {
        Path folder = learner.featureCache()
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

    private PhaseEstimate phase(TransferLearner trial, TrainingPhases.Step step) {
        long before = Pointer.physicalBytes();
        TrialWatch watch = new TrialWatch();
        TrainingLoss loss = task.loss();
        try (FittedNetwork network = new TrainingRun(trial, watch, loss, task.classNames()).firstNetwork()) {
            watch.lookAtMemory();
            ExampleSupply supply = new ExampleSupply(trial, network, watch);
            FeatureVolume volume =
                    ExampleSupply.volume(trial, network.plan(), task.training().size(), validationImages());
            Duration epoch;
            try (Examples examples = sample(supply, watch)) {
                epoch = epoch(network.tail(), examples, loss, watch, step);
            }
            // validation has a pass of its own, of which this watch should not hear
            epoch = epoch.plus(validation(network, trial));
            long trained = network.tail().parameters().values().stream()
                    .flatMap(layer -> layer.values().stream())
                    .mapToLong(INDArray::length)
                    .sum();
            watch.lookAtMemory();
            long held = Math.max(0, Pointer.physicalBytes() - before);
            long best = learner.earlyStopping().isPresent() ? trained * Float.BYTES : 0;
            memory = Math.max(memory, watch.memory() + best + networkBefore);
            networkBefore = held;
            return new PhaseEstimate(
                    trained,
                    volume.bytes(),
                    watch.featurePass(volume.rows()),
                    epoch,
                    step.epochs(task.training().size()));
        }
    }

    /** Longer passes where they are fast. */
    private Examples sample(ExampleSupply supply, TrialWatch watch) {
        int variants = learner.augmentation().isNone() ? 1 : learner.cachedVariants();
        int rows = FIRST_ROWS;
        while (true) {
            int images = (int) Math.min(task.training().size(), Math.max(1, rows / Math.max(1, variants)));
            Examples examples =
                    supply.augmentedExamples(task.labelled(task.training().sample(images, learner.seed())));
            if (images == task.training().size() || rows >= MOST_ROWS || !watch.wantsLongerPass()) {
                return examples;
            }
            examples.close();
            rows *= GROWTH;
        }
    }

    private Duration epoch(
            Tail tail, Examples examples, TrainingLoss loss, TrialWatch watch, TrainingPhases.Step step) {
        int images = Math.toIntExact(task.training().size());
        try {
            // with a rate of zero: however long it trains, no weight becomes too large
            TailTrainer trainer = new TailTrainer(
                            tail, step.learner().optimizer(), loss, learner.batchSize(), learner.seed(), watch)
                    .ratePart(0);
            learner.averageDecay().ifPresent(trainer::averaging);
            trainer.train(
                    new RepeatedExamples(examples, images),
                    null,
                    step.epochs(task.training().size()));
        } catch (TrialWatch.Enough enough) {
            watch.lookAtMemory();
        } catch (EarlyEnd e) {
            if (e.isCancelled()) {
                throw e;
            }
        }
        return watch.epoch((images + learner.batchSize() - 1L) / learner.batchSize());
    }

    private Duration validation(FittedNetwork network, TransferLearner trial) {
        LearningData validation = task.validation();
        if (validation == null || validation.size() <= 0) {
            return Duration.ZERO;
        }
        Tail tail = network.tail();
        ExampleSupply supply = new ExampleSupply(trial, network, new FitListener() {});
        int some = (int) Math.min(validation.size(), FIRST_ROWS);
        int all = Math.toIntExact(validation.size());
        long images = 0;
        long start = 0;
        try (Examples held = new RepeatedExamples(
                        supply.examples(task.labelled(validation.sample(some, learner.seed()))), all);
                BatchStream batches = held.batches(IntStream.range(0, all).toArray(), learner.batchSize())) {
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
}
