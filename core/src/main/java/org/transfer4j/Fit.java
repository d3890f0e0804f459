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
import org.transfer4j.internal.feature.RelabelledSource;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.GraphTail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.training.TrainingHistory;

/** One run of a learner: checks, cut, feature pass, epochs. */
final class Fit {
    private final TransferLearner learner;
    private final ListenerGroup listener;

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
        GraphTail tail = new GraphTail(plan.tail(), learner.optimizer().updater());
        parameters.fill(tail.graph());
        FittedNetwork network = new FittedNetwork(plan, learner.preprocessing(), classNames, frozen, tail);
        try {
            ExampleSupply supply = new ExampleSupply(learner, network, listener);
            try (Examples training = supply.examples(source);
                    Examples heldOut = held == null ? null : supply.examples(held)) {
                return train(network, training, heldOut);
            }
        } catch (TrainingStoppedException e) {
            throw e; // it carries the network
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private ImageClassifier train(FittedNetwork network, Examples training, @Nullable Examples heldOut) {
        Nd4j.getRandom().setSeed(learner.seed());
        TailTrainer trainer = new TailTrainer(network.tail(), learner.batchSize(), learner.seed(), listener);
        try {
            TrainingHistory history = trainer.train(training, heldOut, learner.epochs());
            listener.fitFinished(history);
            return new ImageClassifier(network, history);
        } catch (EarlyEnd e) {
            TrainingHistory history = trainer.history();
            listener.fitFinished(history);
            throw new TrainingStoppedException(e.reason(), new ImageClassifier(network, history), e);
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
            throw new DatasetException(null, "the " + what + " data is empty: it needs 1 image or more");
        }
    }
}
