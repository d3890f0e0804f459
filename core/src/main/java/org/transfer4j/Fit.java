package org.transfer4j;

import java.util.List;
import java.util.OptionalInt;
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
import org.transfer4j.internal.tail.LearningRateSweep;
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
        try (FittedNetwork network = new TrainingRun(learner, listener, loss, source.classNames()).firstNetwork();
                Examples training = TrainingRun.examples(
                        "training", () -> new ExampleSupply(learner, network, new FitListener() {}).examples(source))) {
            Nd4j.getRandom().setSeed(learner.seed());
            return LearningRateSweep.run(network.tail(), training, learner.batchSize(), learner.seed());
        }
    }

    /** Known classes stay as they were learned; for new ones the output begins anew. */
    private ImageClassifier run(ImageSource source, @Nullable ImageSource validation) {
        LearnedStart start = learner.start().orElse(null);
        if (start == null || start.classNames().equals(source.classNames())) {
            return fit(source, validation);
        }
        if (start.classNames().containsAll(source.classNames())) {
            return fit(new RelabelledSource(source, start.classNames(), "training data"), validation);
        }
        return new Fit(learner.startingFrom(start.forClasses(source.classNames()))).fit(source, validation);
    }

    private ImageClassifier fit(ImageSource source, @Nullable ImageSource validation) {
        NativeThreads.applyToNd4j();
        TrainingPhases.of(learner).steps().forEach(step -> learner.optimizer().requireFits(step.epochs()));
        TrainingLoss loss = requireFitting(source);
        List<String> classNames = source.classNames();
        ImageSource held = null;
        if (validation != null) {
            requireImages("validation", validation);
            held = new RelabelledSource(validation, classNames, "validation data");
        }
        requireMonitored(held);
        requireReadable(source);
        learner.featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        TrainingRun run = new TrainingRun(learner, listener, loss, classNames);
        FittedNetwork network = run.firstNetwork();
        try {
            ImageClassifier classifier = run.run(network, source, held);
            tellEnd(classifier, run.history());
            return classifier;
        } catch (TrainingStoppedException e) {
            tellEnd(e.classifier(), run.history());
            throw e;
        } catch (RuntimeException | Error e) {
            tellEndAfter(e, run.history());
            throw e;
        }
    }

    /** Phases read the images again and again. */
    private void requireReadable(ImageSource source) {
        if (learner.phases().size() > 1 && source.behind().isEmpty()) {
            throw new IllegalArgumentException(
                    "fineTune with several phases needs an ImageDataset; a DataSetIterator is read but once");
        }
    }

    /** Checks the training data against the learner, before any work. */
    private TrainingLoss requireFitting(ImageSource source) {
        requireClasses(source.classNames());
        requireImages("training", source);
        return new TrainingLoss(learner.loss(), learner.classWeights().in(source));
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

    /** A listener may object even now. */
    private void tellEnd(ImageClassifier classifier, TrainingHistory history) {
        try {
            tellEnd(history);
        } catch (RuntimeException | Error e) {
            classifier.close();
            throw e;
        }
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
            throw TrainingRun.noImages(what);
        }
    }
}
