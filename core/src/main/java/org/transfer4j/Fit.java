package org.transfer4j;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.tail.LearningRateSweep;
import org.transfer4j.internal.tail.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.TrainingHistory;
import org.transfer4j.training.TrainingProgress;

/** One run of a learner: checks, cut, feature pass, epochs. */
final class Fit {
    private static final String TRAINING = "training data";

    private final TransferLearner learner;
    private final ListenerGroup listener;
    private boolean ended;

    Fit(TransferLearner learner) {
        this.learner = learner;
        this.listener = new ListenerGroup(learner.listeners());
    }

    ImageClassifier run(LearningData data) {
        if (learner.validationSplit() > 0) {
            LearningData.Parts parts = split(data);
            return run(parts.train(), parts.held());
        }
        requireAugmentable(data);
        return run(data, learner.validation());
    }

    private LearningData.Parts split(LearningData data) {
        requireImages("training", data);
        return data.split(1 - learner.validationSplit(), learner.seed());
    }

    private void requireAugmentable(LearningData data) {
        if (data.isRereadable() || learner.augmentation().isNone()) {
            return;
        }
        if (learner.augmentation().mixUpAlpha() > 0 || learner.augmentation().cutMixAlpha() > 0) {
            throw new IllegalArgumentException("mixUp and cutMix need an ImageDataset, whose images can be read in any"
                    + " order; a DataSetIterator is read but once");
        }
        if (learner.cachedVariants() == 0) {
            throw new IllegalArgumentException("freshPasses needs an ImageDataset, since a DataSetIterator is read but"
                    + " once; choose cachedVariants(...)");
        }
    }

    /** Trains a throwaway tail with growing learning rates. */
    LearningRateCurve learningRates(LearningData data) {
        NativeThreads.applyToNd4j();
        if (Double.isNaN(learner.optimizer().learningRate(new TrainingProgress(0, 1, 1, List.of())))) {
            throw new IllegalArgumentException(
                    "the optimizer has no learning rate to look for: " + learner.optimizer());
        }
        LearningData training = learner.validationSplit() > 0 ? split(data).train() : data;
        Labelling labelling = requireFitting(training, training.classNames());
        ImageSource source = labelling.source(training, TRAINING);
        TrainingLoss loss = labelling.loss(source);
        try (FittedNetwork network = new TrainingRun(learner, listener, loss, source.classNames()).firstNetwork();
                Examples examples = TrainingRun.examples(
                        "training", () -> new ExampleSupply(learner, network, new FitListener() {}).examples(source))) {
            Nd4j.getRandom().setSeed(learner.seed());
            return LearningRateSweep.run(network.tail(), examples, learner.batchSize(), learner.seed());
        }
    }

    /** Known classes stay as they were learned; for new ones the output begins anew. */
    private ImageClassifier run(LearningData data, @Nullable LearningData validation) {
        LearnedStart start = learner.start().orElse(null);
        if (start == null) {
            return fit(data, data.classNames(), validation);
        }
        if (start.classNames().containsAll(data.classNames())) {
            return fit(data, start.classNames(), validation);
        }
        return new Fit(learner.startingFrom(start.forClasses(data.classNames())))
                .fit(data, data.classNames(), validation);
    }

    private ImageClassifier fit(LearningData data, List<String> classNames, @Nullable LearningData validation) {
        NativeThreads.applyToNd4j();
        TrainingPhases.of(learner).steps().forEach(step -> learner.optimizer().requireFits(step.epochs()));
        Labelling labelling = requireFitting(data, classNames);
        ImageSource source = labelling.source(data, TRAINING);
        TrainingLoss loss = labelling.loss(source);
        ImageSource held = null;
        if (validation != null) {
            requireImages("validation", validation);
            held = labelling.source(validation, "validation data");
        }
        requireMonitored(held);
        requireReadable(data);
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
    private void requireReadable(LearningData data) {
        if (learner.phases().size() > 1 && !data.isRereadable()) {
            throw new IllegalArgumentException(
                    "fineTune with several phases needs an ImageDataset; a DataSetIterator is read but once");
        }
    }

    /** Checks the training data against the learner, before any work. */
    private Labelling requireFitting(LearningData data, List<String> classNames) {
        requireClasses(classNames);
        requireImages("training", data);
        return new Labelling(learner, classNames);
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

    private static void requireImages(String what, LearningData data) {
        if (data.size() == 0) {
            throw TrainingRun.noImages(what);
        }
    }
}
