package org.transfer4j;

import java.util.List;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.tail.LearningRateSweep;
import org.transfer4j.internal.tail.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.TrainingProgress;

/** One run of a learner: checks, cut, feature pass, epochs. */
final class Fit {
    private final TransferLearner learner;
    private final ListenerGroup listener;

    Fit(TransferLearner learner) {
        this.learner = learner;
        this.listener = new ListenerGroup(learner.listeners());
    }

    /** Trains. */
    ImageClassifier run(LearningData data) {
        FitTask task = FitTask.of(learner, data);
        return NativeMemory.guarded(() -> new Fit(task.learner()).fit(task));
    }

    /** Trains a throwaway tail with growing learning rates. */
    LearningRateCurve learningRates(LearningData data) {
        return Interruption.cancellable(
                "the search for a learning rate", () -> NativeMemory.guarded(() -> sweep(data)));
    }

    private LearningRateCurve sweep(LearningData data) {
        NativeThreads.applyToNd4j();
        if (Double.isNaN(learner.optimizer().learningRate(new TrainingProgress(0, 1, 1, List.of())))) {
            throw new IllegalArgumentException(
                    "the optimizer has no learning rate to look for: " + learner.optimizer());
        }
        LearningData training =
                learner.validationSplit() > 0 ? FitTask.split(learner, data).train() : data;
        FitTask.Classes classes = FitTask.Classes.of(learner, training);
        Labelling labelling = FitTask.labelling(classes.learner(), training, classes.names());
        ImageSource source = labelling.source(training, FitTask.TRAINING);
        ClassImages.require(source, source.size(), learner.head().isMultiLabel());
        TrainingLoss loss = labelling.loss(source);
        TransferLearner first =
                TrainingPhases.of(classes.learner()).steps().get(0).learner();
        try (FittedNetwork network =
                        new TrainingRun(classes.learner(), listener, loss, source.classNames()).firstNetwork();
                Examples examples = TrainingRun.examples(
                        "training", () -> new ExampleSupply(first, network, new FitListener() {}).examples(source))) {
            Nd4j.getRandom().setSeed(learner.seed());
            return LearningRateSweep.run(network.tail(), examples, learner.batchSize(), learner.seed());
        }
    }

    private ImageClassifier fit(FitTask task) {
        NativeThreads.applyToNd4j();
        learner.requireMemory(task.classNames().size());
        listener.fitStarting();
        learner.featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        TrainingRun run = new TrainingRun(learner, listener, task.loss(), task.classNames());
        FittedNetwork network = run.firstNetwork();
        try {
            TransferLearner first = TrainingPhases.of(learner).steps().get(0).learner();
            task.source().behind().ifPresent(new PreprocessingCheck(first, network.parameters())::warn);
            return run.run(network, task.source(), task.held());
        } finally {
            // whoever shows how the fit goes has to know that it goes no further
            listener.fitFinished(run.history());
        }
    }
}
