package org.transfer4j.internal.fit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Loss;

/**
 * Settings and what is fitted with them, checked against each other before any work.
 *
 * @param settings with what they begin for the classes of the data
 * @param source the training images, labelled
 * @param loss with class weights
 * @param held the validation images, labelled; null where there are none
 */
public record FitTask(
        Settings settings,
        LearningData training,
        @Nullable LearningData validation,
        Labelling labelling,
        LabelledSource source,
        TrainingLoss loss,
        @Nullable LabelledSource held) {
    private static final Logger LOG = LoggerFactory.getLogger(FitTask.class);
    private static final String TRAINING = "training data";
    private static final String VALIDATION = "validation data";

    /** Checks settings and data, and takes images for validation off the data where the settings say so. */
    public static FitTask of(Settings settings, LearningData data) {
        if (settings.data().validationSplit() > 0) {
            LearningData.Split parts = split(settings.data(), data);
            return checked(settings, parts.train(), parts.held());
        }
        requireAugmentable(settings.data(), data);
        return checked(settings, data, settings.data().validation().orElse(null));
    }

    private static FitTask checked(Settings given, LearningData training, @Nullable LearningData validation) {
        Labelling labelling = Labelling.of(given, training);
        Outputs outputs = labelling.outputs();
        TrainingPhases.of(outputs.settings()).requireFit(outputs.names().size(), training.size());
        LabelledSource source = labelling.training(training);
        TrainingLoss loss = labelling.loss(source);
        LabelledSource held = null;
        if (validation != null) {
            requireImages("validation", validation);
            held = labelling.source(validation, VALIDATION);
        }
        FitTask task = new FitTask(outputs.settings(), training, validation, labelling, source, loss, held);
        task.requireMonitored();
        task.requireReadable();
        requireImagesOfClasses(source, source.size(), outputs.answers());
        if (held != null) {
            lookAtClasses(held);
        }
        return task;
    }

    static LearningData.Split split(Settings.Data settings, LearningData data) {
        requireImages("training", data);
        return data.split(1 - settings.validationSplit(), settings.seed());
    }

    private static void requireAugmentable(Settings.Data settings, LearningData data) {
        if (data.isRereadable() || !settings.augments()) {
            return;
        }
        if (settings.augmentation().mixUpAlpha() > 0 || settings.augmentation().cutMixAlpha() > 0) {
            throw new IllegalArgumentException("mixUp and cutMix need an ImageDataset, whose images can be read in any"
                    + " order; a DataSetIterator is read but once");
        }
        if (settings.cachedVariants() == 0) {
            throw new IllegalArgumentException("freshPasses needs an ImageDataset, since a DataSetIterator is read but"
                    + " once; choose cachedVariants(...)");
        }
    }

    private static void requireImages(String what, LearningData data) {
        if (data.size() == 0) {
            throw noImages(what);
        }
    }

    static DatasetException noImages(String what) {
        return new DatasetException(null, "the " + what + " data is empty: it needs 1 image or more");
    }

    private void requireMonitored() {
        settings.training().earlyStopping().ifPresent(rule -> {
            if (rule.metric().needsValidation() && validation == null) {
                throw new IllegalArgumentException("early stopping on " + rule.metric()
                        + " needs validation images: set validation(...) or validationSplit(...), or monitor another"
                        + " metric");
            }
            if (rule.metric().isAccuracy() && labelling.outputs().answers() == AnswerKind.NUMBERS) {
                throw new IllegalArgumentException("early stopping on " + rule.metric()
                        + " needs classes; numbers have no accuracy: monitor LOSS or VALIDATION_LOSS");
            }
        });
    }

    /** Phases read the images again and again; those for validation, each phase in their order. */
    private void requireReadable() {
        if (settings.training().phases().size() < 2) {
            return;
        }
        if (!training.isRereadable()) {
            throw new IllegalArgumentException(
                    "fineTune with several phases needs an ImageDataset; a DataSetIterator is read but once");
        }
        if (validation != null && !validation.isResettable()) {
            throw new IllegalArgumentException("fineTune with several phases reads the validation images in each of"
                    + " them, but the DataSetIterator can't be reset (resetSupported() is false): validate with an"
                    + " ImageDataset, or with an iterator that can");
        }
    }

    /**
     * Checks images to learn from, where their classes are known by now, and warns of classes without images: what has
     * none is not learned, however good the accuracy on the others looks.
     *
     * @param images how many there are
     * @param answers what images have: one class, or several or none
     * @throws DatasetException if fewer than two classes have images; one is enough where there are images without any
     */
    static void requireImagesOfClasses(LabelledSource training, long images, AnswerKind answers) {
        training.classCounts().ifPresent(counts -> {
            List<String> without = without(counts, training.classNames());
            boolean toldApart =
                    answers == AnswerKind.LABELS && IntStream.of(counts).anyMatch(count -> count > 0 && count < images);
            if (counts.length == 1 && counts[0] > 0 && !toldApart) {
                throw new DatasetException(
                        null,
                        "a classifier needs images of 2 classes or more, or with a multi-label head images without any: all "
                                + images + " images of the training data have " + training.classNames());
            }
            if (counts.length - without.size() < 2 && !toldApart) {
                throw new DatasetException(
                        null,
                        "a classifier needs images of 2 classes or more, the training data has none of " + without
                                + ": of " + training.classNames() + " it has "
                                + IntStream.of(counts).boxed().toList()
                                + " images. Where limit took the first images of a folder, which is in the order of"
                                + " the classes, shuffle before it");
            }
            warn(
                    "training",
                    without,
                    "they are in the output, but nothing is learned of them, and what was known of them fades");
        });
    }

    /** Warns of classes that images for validation lack. */
    static void lookAtClasses(LabelledSource validation) {
        validation
                .classCounts()
                .ifPresent(counts -> warn(
                        "validation", without(counts, validation.classNames()), "the figures say nothing of them"));
    }

    private static List<String> without(int[] counts, List<String> names) {
        return IntStream.range(0, counts.length)
                .filter(i -> counts[i] == 0)
                .mapToObj(names::get)
                .toList();
    }

    private static void warn(String what, List<String> without, String so) {
        if (!without.isEmpty()) {
            LOG.warn("classes without images in the {} data: {}; {}", what, without, so);
        }
    }

    /** Those of the outputs: classes, or targets. */
    List<String> classNames() {
        return labelling.outputs().names();
    }

    /** What targets that are numbers are learned on; null where there are classes. */
    @Nullable
    TargetScale scale() {
        return labelling.scale();
    }

    /** How many images the longest pass goes over, one with all variants; -1 where only reading them tells. */
    long mostRows() {
        long held = validation == null ? -1 : validation.size();
        long variants = settings.data().augments() ? Math.max(1, settings.data().cachedVariants()) : 1;
        return Math.max(held, training.size() < 0 ? -1 : training.size() * variants);
    }

    /** A part of the images, labelled alike. */
    LabelledSource labelled(LearningData some) {
        return labelling.training(some);
    }

    /**
     * What a model comes to have outputs for, and the settings that begin with it. Classes that were learned stay, in
     * their order, unless they are to be dropped; new ones come after them. Targets of a regression stay as they are. An output
     * layer that learned the other kind begins anew.
     */
    record Outputs(Settings settings, List<String> names) {
        static Outputs of(Settings given, LearningData data) {
            Settings settings = given.fitting(data);
            Settings.StartingPoint origin = settings.network().origin();
            LearnedStart start = origin.start().orElse(null);
            if (start == null) {
                return new Outputs(settings, data.classNames());
            }
            if (start.regression() != (settings.network().answers() == AnswerKind.NUMBERS)) {
                LOG.info("the further training has an output layer of another kind, which begins anew");
                Settings.StartingPoint anew = origin.withStart(start.withoutOutput(data.classNames()));
                return new Outputs(settings.with(settings.network().with(anew)), data.classNames());
            }
            if (data instanceof LearningData.Numbers numbers) {
                // of other targets than were learned, this is the error
                DatasetSource.columns(numbers.dataset(), start.classNames(), TRAINING);
                return new Outputs(settings, start.classNames());
            }
            List<String> dropped = origin.droppedClasses();
            List<String> kept = start.classNames().stream()
                    .filter(name -> !dropped.contains(name))
                    .toList();
            List<String> added = ClassOrder.sorted(data.classNames().stream()
                    .filter(name -> !start.classNames().contains(name))
                    .toList());
            requireNoImages(dropped, data);
            if (dropped.isEmpty() && added.isEmpty()) {
                return new Outputs(settings, kept);
            }
            List<String> names = Stream.concat(kept.stream(), added.stream()).toList();
            LabelText.warnOfTwins("the further training", names);
            LOG.info("the further training has new classes {}, goes on with {}, and drops {}", added, kept, dropped);
            Settings.StartingPoint of = origin.withStart(start.forClasses(names));
            return new Outputs(settings.with(settings.network().with(of)), names);
        }

        AnswerKind answers() {
            return settings.network().answers();
        }

        Loss loss() {
            return settings.network().loss(settings.training());
        }

        /** How many the head was told to have; empty where the data decides. */
        OptionalInt wanted() {
            return answers().wanted(settings.network().head());
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

    /** How images are labelled for a head: each with one class or any of them, or with numbers. */
    sealed interface Labelling {
        /**
         * The labelling for what a model comes to have.
         *
         * @throws DatasetException if there are no images, or too few classes, or a target does not vary
         * @throws IllegalArgumentException if the head has another number of outputs, or the loss is for another kind of head
         */
        static Labelling of(Settings given, LearningData training) {
            Outputs outputs = Outputs.of(given, training);
            return training instanceof LearningData.Numbers numbers
                    ? OfNumbers.of(outputs, numbers)
                    : OfClasses.of(outputs, training);
        }

        Outputs outputs();

        /** What targets that are numbers are learned on; null where there are classes. */
        @Nullable
        TargetScale scale();

        /**
         * The images with this labelling.
         *
         * @param what what they are for, for messages
         * @throws IllegalArgumentException if they are labelled otherwise
         * @throws DatasetException if they have other classes
         */
        LabelledSource source(LearningData data, String what);

        /**
         * The loss with class weights.
         *
         * @throws IllegalArgumentException if the class weights don't fit the data
         */
        TrainingLoss loss(LabelledSource training);

        default LabelledSource training(LearningData data) {
            return source(data, TRAINING);
        }
    }

    private record OfClasses(Outputs outputs) implements Labelling {
        static OfClasses of(Outputs outputs, LearningData training) {
            List<String> names = outputs.names();
            if (names.size() < outputs.answers().fewest()) {
                throw new DatasetException(
                        null, "a classifier needs images of 2 classes or more, the data has " + names);
            }
            OptionalInt wanted = outputs.wanted();
            if (wanted.isPresent() && wanted.getAsInt() != names.size()) {
                boolean further = outputs.settings().network().start().isPresent();
                throw new IllegalArgumentException("the head has " + wanted.getAsInt() + " classes, "
                        + (further ? "what was learned and the data together have " : "the data has ")
                        + names.size() + ": " + names);
            }
            requireImages("training", training);
            outputs.answers().require(outputs.loss());
            return new OfClasses(outputs);
        }

        @Override
        public @Nullable TargetScale scale() {
            return null;
        }

        @Override
        public LabelledSource source(LearningData data, String what) {
            return data.labelled(outputs.names(), outputs.answers(), what);
        }

        @Override
        public TrainingLoss loss(LabelledSource training) {
            return TrainingLoss.of(
                    outputs.loss(), outputs.settings().training().classWeights().in(training, outputs.answers()));
        }
    }

    private record OfNumbers(Outputs outputs, TargetScale scale) implements Labelling {
        static OfNumbers of(Outputs outputs, LearningData.Numbers training) {
            List<String> names = outputs.names();
            OptionalInt wanted = outputs.wanted();
            if (wanted.isPresent() && wanted.getAsInt() != names.size()) {
                throw new IllegalArgumentException("the head gives " + wanted.getAsInt() + " numbers, the data has "
                        + names.size() + " targets: " + names);
            }
            outputs.answers().require(outputs.loss());
            if (!outputs.settings().training().classWeights().byName().equals(Optional.of(Map.of()))) {
                throw new IllegalArgumentException("class weights are of classes, but a regression has numbers");
            }
            return new OfNumbers(outputs, TargetScale.of(training.dataset(), names));
        }

        @Override
        public LabelledSource source(LearningData data, String what) {
            if (data instanceof LearningData.Numbers numbers) {
                return numbers.standardized(outputs.names(), scale, what);
            }
            throw new IllegalArgumentException(
                    "a regression head needs a RegressionDataset, but the " + what + " has images with labels");
        }

        @Override
        public TrainingLoss loss(LabelledSource training) {
            return TrainingLoss.of(outputs.loss());
        }
    }
}
