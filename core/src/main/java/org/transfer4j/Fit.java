package org.transfer4j;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.Interruption;
import org.transfer4j.internal.feature.RelabelledSource;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.LearningRateSweep;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.Tails;
import org.transfer4j.internal.tail.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.TrainingHistory;
import org.transfer4j.training.TrainingProgress;

/** One run of a learner: checks, cut, feature pass, epochs. */
final class Fit {
    private final TransferLearner learner;
    private final ListenerGroup listener;
    private boolean ended;

    Fit(TransferLearner learner) {
        this.learner = learner;
        this.listener = new ListenerGroup(learner.listeners());
    }

    ImageClassifier run(ImageDataset data) {
        if (learner.validationSplit() > 0) {
            requireImages("training", new DatasetSource(data));
            DatasetSplit split = data.split(1 - learner.validationSplit(), learner.seed());
            return run(new DatasetSource(split.train()), new DatasetSource(split.test()));
        }
        return run(new DatasetSource(data), learner.validation());
    }

    ImageClassifier run(ImageSource source) {
        if (learner.validationSplit() > 0) {
            throw new IllegalArgumentException(
                    "validationSplit needs an ImageDataset; with a DataSetIterator give validation(...) an iterator");
        }
        if (learner.augmentation().mixUpAlpha() > 0 || learner.augmentation().cutMixAlpha() > 0) {
            throw new IllegalArgumentException("mixUp and cutMix need an ImageDataset, whose images can be read in any"
                    + " order; a DataSetIterator is read but once");
        }
        if (!learner.augmentation().isNone() && learner.cachedVariants() == 0) {
            throw new IllegalArgumentException("freshPasses needs an ImageDataset, since a DataSetIterator is read but"
                    + " once; choose cachedVariants(...)");
        }
        return run(source, learner.validation());
    }

    /** Trains a throwaway tail with growing learning rates. */
    LearningRateCurve learningRates(ImageDataset data) {
        NativeThreads.applyToNd4j();
        if (Double.isNaN(learner.optimizer().learningRate(new TrainingProgress(0, 1, 1, List.of())))) {
            throw new IllegalArgumentException(
                    "the optimizer has no learning rate to look for: " + learner.optimizer());
        }
        requireImages("training", new DatasetSource(data));
        ImageSource source = new DatasetSource(
                learner.validationSplit() > 0
                        ? data.split(1 - learner.validationSplit(), learner.seed())
                                .train()
                        : data);
        TrainingLoss loss = requireFitting(source);
        try (FittedNetwork network = network(source.classNames(), loss);
                Examples training = examples(
                        "training", () -> new ExampleSupply(learner, network, new FitListener() {}).examples(source))) {
            Nd4j.getRandom().setSeed(learner.seed());
            return LearningRateSweep.run(network.tail(), training, learner.batchSize(), learner.seed());
        }
    }

    private ImageClassifier run(ImageSource source, @Nullable ImageSource validation) {
        NativeThreads.applyToNd4j();
        learner.optimizer().requireFits(learner.epochs());
        TrainingLoss loss = requireFitting(source);
        List<String> classNames = source.classNames();
        ImageSource held = null;
        if (validation != null) {
            requireImages("validation", validation);
            held = new RelabelledSource(validation, classNames, "validation data");
        }
        requireMonitored(held);
        return train(network(classNames, loss), loss, source, held);
    }

    /** Checks the training data against the learner, before any work. */
    private TrainingLoss requireFitting(ImageSource source) {
        requireClasses(source.classNames());
        requireImages("training", source);
        return new TrainingLoss(learner.loss(), learner.classWeights().in(source));
    }

    private FittedNetwork network(List<String> classNames, TrainingLoss loss) {
        learner.featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        NetworkPlan plan = learner.plan(classNames.size());
        BackboneParameters parameters = BackboneParameters.of(learner);
        ComputationGraph frozen = plan.trunk()
                .map(part -> parameters.fill(Graphs.instantiate(part)))
                .orElse(null);
        Tail tail = Tails.create(plan.tail(), learner.optimizer(), loss, learner.seed(), learner.precision());
        parameters.fill(plan.tail(), tail.parameters());
        return new FittedNetwork(plan, learner.preprocessing(), classNames, frozen, learner.precision(), tail);
    }

    private ImageClassifier train(
            FittedNetwork network, TrainingLoss loss, ImageSource source, @Nullable ImageSource held) {
        TailTrainer trainer = new TailTrainer(
                network.tail(), learner.optimizer(), loss, learner.batchSize(), learner.seed(), listener);
        learner.earlyStopping().ifPresent(trainer::stopping);
        EarlyEnd early = null;
        try {
            goOn(trainer, network, source, held);
            ExampleSupply supply = new ExampleSupply(learner, network, listener);
            supply.requireSpace(source, held);
            try (Examples training = examples("training", () -> supply.augmentedExamples(source));
                    Examples heldOut = held == null ? null : examples("validation", () -> supply.examples(held))) {
                trainer.train(training, heldOut, learner.epochs());
            } catch (EarlyEnd e) {
                early = e;
            }
            tellEnd(trainer.history());
        } catch (RuntimeException | Error e) {
            network.close();
            tellEndAfter(e, trainer.history());
            throw e;
        }
        ImageClassifier classifier = new ImageClassifier(network, trainer.history());
        if (early != null) {
            throw new TrainingStoppedException(early.reason(), classifier, early);
        }
        return classifier;
    }

    private void requireMonitored(@Nullable ImageSource held) {
        learner.earlyStopping().ifPresent(rule -> {
            if (rule.metric().needsValidation() && held == null) {
                throw new IllegalArgumentException("early stopping on " + rule.metric()
                        + " needs validation images: set validation(...) or validationSplit(...), or monitor another"
                        + " metric");
            }
        });
    }

    /** From the checkpoint, if there is one, and leaves the next ones. */
    private void goOn(TailTrainer trainer, FittedNetwork network, ImageSource source, @Nullable ImageSource held) {
        learner.checkpoints().ifPresent(checkpoints -> {
            TrainingFolder folder = TrainingFolder.open(
                    checkpoints,
                    TrainingIdentity.of(learner, network, source, held),
                    network.plan().name());
            folder.restore(network.tail(), trainer);
            trainer.afterEpoch(() -> {
                int done = trainer.history().epochs().size();
                if (done % checkpoints.epochs() == 0 || done == learner.epochs()) {
                    folder.write(network.tail(), trainer);
                }
            });
        });
    }

    private void tellEnd(TrainingHistory history) {
        ended = true;
        listener.fitFinished(history);
    }

    /** Whoever shows how the fit goes has to know that it goes no further. */
    private void tellEndAfter(Throwable failure, TrainingHistory history) {
        if (!ended) {
            try {
                tellEnd(history);
            } catch (RuntimeException e) {
                if (e != failure) {
                    failure.addSuppressed(e);
                }
            }
        }
    }

    private Examples examples(String what, Supplier<Examples> supply) {
        try {
            Examples examples = supply.get();
            if (examples.size() == 0) {
                examples.close();
                throw noImages(what);
            }
            return examples;
        } catch (RuntimeException e) {
            throw Interruption.caused(e)
                    ? EarlyEnd.cancelled("the thread was interrupted while features were computed", e)
                    : e;
        }
    }

    private void requireClasses(List<String> classNames) {
        if (classNames.size() < 2) {
            throw new DatasetException(
                    null, "a classifier needs images of 2 classes or more, the data has " + classNames);
        }
        OptionalInt wanted = learner.head().classCount();
        if (wanted.isPresent() && wanted.getAsInt() != classNames.size()) {
            throw new IllegalArgumentException("the head has " + wanted.getAsInt() + " classes, the data has "
                    + classNames.size() + ": " + classNames);
        }
    }

    private static void requireImages(String what, ImageSource source) {
        if (source.size() == 0) {
            throw noImages(what);
        }
    }

    private static DatasetException noImages(String what) {
        return new DatasetException(null, "the " + what + " data is empty: it needs 1 image or more");
    }
}
