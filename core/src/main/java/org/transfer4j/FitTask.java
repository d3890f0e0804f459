package org.transfer4j;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.tail.TrainingLoss;

/** A learner and what it is fitted to, checked against each other before any work. */
final class FitTask {
    private static final Logger LOG = LoggerFactory.getLogger(FitTask.class);
    static final String TRAINING = "training data";
    private static final String VALIDATION = "validation data";

    private final TransferLearner learner;
    private final LearningData training;
    private final @Nullable LearningData validation;
    private final Labelling labelling;
    private final ImageSource source;
    private final TrainingLoss loss;
    private final @Nullable ImageSource held;

    private FitTask(
            TransferLearner learner,
            LearningData training,
            List<String> classNames,
            @Nullable LearningData validation) {
        this.learner = learner;
        this.training = training;
        this.validation = validation;
        labelling = labelling(learner, training, classNames);
        TrainingPhases.of(learner).requireFit(classNames.size(), training.size());
        source = labelling.source(training, TRAINING);
        loss = labelling.loss(source);
        if (validation != null) {
            requireImages("validation", validation);
            held = labelling.source(validation, VALIDATION);
        } else {
            held = null;
        }
        requireMonitored();
        requireReadable();
        ClassImages.require(source, source.size(), learner.head().isMultiLabel());
        if (held != null) {
            ClassImages.look(held);
        }
    }

    static FitTask of(TransferLearner learner, LearningData data) {
        if (learner.validationSplit() > 0) {
            LearningDataSplit parts = split(learner, data);
            return of(learner, parts.train(), parts.held());
        }
        requireAugmentable(learner, data);
        return of(learner, data, learner.validation());
    }

    private static FitTask of(TransferLearner learner, LearningData data, @Nullable LearningData validation) {
        Classes classes = Classes.of(learner, data);
        return new FitTask(classes.learner(), data, classes.names(), validation);
    }

    /**
     * The classes that a learner comes to have, and the learner that begins with them. Those that were learned stay, in
     * their order, unless they are to be dropped; new ones come after them.
     */
    record Classes(TransferLearner learner, List<String> names) {
        static Classes of(TransferLearner learner, LearningData data) {
            LearnedStart start = learner.start().orElse(null);
            if (start == null) {
                return new Classes(learner, data.classNames());
            }
            List<String> dropped = learner.droppedClasses();
            List<String> kept = start.classNames().stream()
                    .filter(name -> !dropped.contains(name))
                    .toList();
            List<String> added = ClassOrder.sorted(data.classNames().stream()
                    .filter(name -> !start.classNames().contains(name))
                    .toList());
            requireNoImages(dropped, data);
            if (dropped.isEmpty() && added.isEmpty()) {
                return new Classes(learner, kept);
            }
            List<String> names = Stream.concat(kept.stream(), added.stream()).toList();
            LabelText.warnOfTwins("the further training", names);
            LOG.info("the further training has new classes {}, goes on with {}, and drops {}", added, kept, dropped);
            return new Classes(learner.startingFrom(start.forClasses(names)), names);
        }

        private static void requireNoImages(List<String> dropped, LearningData data) {
            Optional<int[]> counts = data.classCounts();
            for (String name : dropped) {
                int index = data.classNames().indexOf(name);
                if (index >= 0 && counts.map(all -> all[index] > 0).orElse(true)) {
                    throw new IllegalArgumentException(
                            "the data has images of the class " + name + ", which dropClasses drops");
                }
            }
        }
    }

    static LearningDataSplit split(TransferLearner learner, LearningData data) {
        requireImages("training", data);
        return data.split(1 - learner.validationSplit(), learner.seed());
    }

    /** How the training data is labelled for the head, which must fit it. */
    static Labelling labelling(TransferLearner learner, LearningData training, List<String> classNames) {
        requireClasses(learner, classNames);
        requireImages("training", training);
        return new Labelling(learner, classNames);
    }

    private static void requireAugmentable(TransferLearner learner, LearningData data) {
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

    private static void requireClasses(TransferLearner learner, List<String> classNames) {
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

    private void requireMonitored() {
        learner.earlyStopping().ifPresent(rule -> {
            if (rule.metric().needsValidation() && validation == null) {
                throw new IllegalArgumentException("early stopping on " + rule.metric()
                        + " needs validation images: set validation(...) or validationSplit(...), or monitor another"
                        + " metric");
            }
        });
    }

    /** Phases read the images again and again. */
    private void requireReadable() {
        if (learner.phases().size() > 1 && !training.isRereadable()) {
            throw new IllegalArgumentException(
                    "fineTune with several phases needs an ImageDataset; a DataSetIterator is read but once");
        }
    }

    /** With what it begins for the classes of the data. */
    TransferLearner learner() {
        return learner;
    }

    List<String> classNames() {
        return labelling.classNames();
    }

    LearningData training() {
        return training;
    }

    @Nullable
    LearningData validation() {
        return validation;
    }

    /** The training images, labelled. */
    ImageSource source() {
        return source;
    }

    /** The validation images, labelled. */
    @Nullable
    ImageSource held() {
        return held;
    }

    TrainingLoss loss() {
        return loss;
    }

    /** A part of the images, labelled alike. */
    ImageSource labelled(LearningData some) {
        return labelling.source(some, TRAINING);
    }
}
