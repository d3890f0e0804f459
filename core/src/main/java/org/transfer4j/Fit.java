package org.transfer4j;

import java.util.List;
import java.util.OptionalInt;
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
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.Tails;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.TrainingHistory;

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
        return run(source, learner.validation());
    }

    private ImageClassifier run(ImageSource source, @Nullable ImageSource validation) {
        NativeThreads.applyToNd4j();
        List<String> classNames = source.classNames();
        requireClasses(classNames);
        requireImages("training", source);
        ImageSource held = null;
        if (validation != null) {
            requireImages("validation", validation);
            held = new RelabelledSource(validation, classNames, "validation data");
        }
        learner.featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        NetworkPlan plan = learner.plan(classNames.size());
        BackboneParameters parameters = BackboneParameters.of(learner);
        ComputationGraph frozen = plan.trunk()
                .map(part -> parameters.fill(Graphs.instantiate(part)))
                .orElse(null);
        Tail tail = Tails.create(plan.tail(), learner.optimizer().updater(), learner.seed());
        parameters.fill(plan.tail(), tail.parameters());
        return train(
                new FittedNetwork(plan, learner.preprocessing(), classNames, frozen, learner.precision(), tail),
                source,
                held);
    }

    private ImageClassifier train(FittedNetwork network, ImageSource source, @Nullable ImageSource held) {
        TailTrainer trainer = new TailTrainer(network.tail(), learner.batchSize(), learner.seed(), listener);
        EarlyEnd early = null;
        try {
            ExampleSupply supply = new ExampleSupply(learner, network, listener);
            try (Examples training = examples("training", source, supply);
                    Examples heldOut = held == null ? null : examples("validation", held, supply)) {
                Nd4j.getRandom().setSeed(learner.seed());
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

    private Examples examples(String what, ImageSource source, ExampleSupply supply) {
        try {
            Examples examples = supply.examples(source);
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
