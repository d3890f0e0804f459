package org.transfer4j.internal.settings;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/**
 * All that a learner was told, as values. What is added here is a part of a training's {@code TrainingIdentity} by
 * itself, unless it is named there among what makes no other training.
 */
public record Settings(NetworkSettings network, Data data, TrainingSettings training, Keeping keeping) {
    private static final int DEFAULT_VARIANTS = 4;

    /** The defaults, for a backbone. */
    public static Settings of(Backbone backbone) {
        return new Settings(
                new NetworkSettings(
                        new StartingPoint(backbone, Weights.pretrained(), Optional.empty(), List.of()),
                        backbone.inputHeight(),
                        backbone.inputWidth(),
                        backbone.defaultHead(),
                        Freeze.ALL,
                        new Computation(Precision.FLOAT32, AlgorithmChoices.TABLE, Optional.empty())),
                new Data(backbone.preprocessing(), Augmentation.none(), DEFAULT_VARIANTS, Optional.empty(), 0, 42),
                new TrainingSettings(
                        true,
                        Optimizer.adam(1e-3),
                        new TrainingSettings.Objective(Optional.empty(), TrainingSettings.ClassWeights.EQUAL),
                        new TrainingSettings.Course(List.of(), OptionalInt.empty(), 32),
                        new TrainingSettings.KeptWeights(Optional.empty(), OptionalDouble.empty())),
                new Keeping(Optional.empty(), Optional.empty(), List.of(), List.of()));
    }

    /** The same with another network. */
    public Settings with(NetworkSettings other) {
        return new Settings(other, data, training, keeping);
    }

    /** The same with other data treatment. */
    public Settings with(Data other) {
        return new Settings(network, other, training, keeping);
    }

    /** The same with another training. */
    public Settings with(TrainingSettings other) {
        return new Settings(network, data, other, keeping);
    }

    /** The same with other things kept. */
    public Settings with(Keeping other) {
        return new Settings(network, data, training, other);
    }

    /**
     * The same with a head of the kind that the data needs: one of which nothing was said gives numbers where these are learned.
     *
     * @throws IllegalArgumentException if another kind was asked for
     */
    public Settings fitting(LearningData data) {
        Head head = network.head;
        boolean numbers = data instanceof LearningData.Numbers;
        if ((network.answers() == AnswerKind.NUMBERS) == numbers) {
            return this;
        }
        if (!numbers) {
            throw new IllegalArgumentException("a regression head gives numbers: it is fitted to a RegressionDataset;"
                    + " Head.flatten() and Head.globalAveragePooling() begin a head of classes");
        }
        if (network.answers() == AnswerKind.LABELS
                || head.classCount().isPresent()
                || network.start().isPresent()) {
            throw new IllegalArgumentException(
                    "a RegressionDataset needs a head that gives numbers, Head....regression()," + " got " + head
                            + (network.start().isPresent() ? " of the classifier that was learned" : ""));
        }
        return with(network.withHead(head.regression()));
    }

    /** What the network reads of images. */
    public NetworkInput input() {
        return new NetworkInput(network.height, network.width, data.preprocessing);
    }

    /** The network of the last phase. */
    public NetworkPlan plan(int classes) {
        return TrainingPhases.of(this).last().plan(classes);
    }

    /** What is frozen in the last phase. */
    public Freeze lastFreeze() {
        return TrainingPhases.of(this).last().network().freeze();
    }

    /** The same for a fit to so many classes or targets, with what was left open filled in; what is frozen, the phases say. */
    public Settings settled(int classes) {
        Head head = network.answers().head(network.head, classes);
        return with(network.withHead(head)
                        .withBatchStatistics(network.usesBatchStatistics())
                        .withFreeze(training.phases().isEmpty() ? network.freeze : Freeze.ALL))
                .with(training.withLoss(Optional.of(network.loss(training))));
    }

    /** In one line. */
    @Override
    public String toString() {
        String frozen =
                training.phases().isEmpty() ? network.freeze.toString() : "trained in phases " + training.phases();
        String weights = network.start().isPresent()
                ? "of a classifier"
                : network.weights().toString();
        return network.backbone() + " at " + network.height + "x" + network.width + ", preprocessing "
                + data.preprocessing + ", weights " + weights + ", " + frozen + ", head " + network.head + ", "
                + training.optimizer();
    }

    /**
     * What network it is.
     *
     * @param height of the images
     * @param width of the images
     * @param freeze of the last phase, where there are phases
     */
    public record NetworkSettings(
            StartingPoint origin, int height, int width, Head head, Freeze freeze, Computation computation) {

        /** The same with weights from elsewhere. */
        public NetworkSettings with(StartingPoint other) {
            return new NetworkSettings(other, height, width, head, freeze, computation);
        }

        /**
         * The same for images of another size.
         *
         * @throws IllegalArgumentException if it is under the backbone's minimum
         */
        public NetworkSettings withSize(int otherHeight, int otherWidth) {
            int minimum = backbone().minimumSize();
            if (otherHeight < minimum || otherWidth < minimum) {
                throw new IllegalArgumentException(backbone().name() + " takes images from " + minimum + "x" + minimum
                        + ", got inputSize(" + otherHeight + ", " + otherWidth + ")");
            }
            return new NetworkSettings(origin, otherHeight, otherWidth, head, freeze, computation);
        }

        /** The same with another head. */
        public NetworkSettings withHead(Head other) {
            return new NetworkSettings(origin, height, width, other, freeze, computation);
        }

        /** The same with another part frozen. */
        public NetworkSettings withFreeze(Freeze other) {
            return new NetworkSettings(origin, height, width, head, other, computation);
        }

        /** The same in other numbers. */
        public NetworkSettings withPrecision(Precision other) {
            return with(new Computation(other, computation.algorithms, computation.batchStatistics));
        }

        /** The same with algorithms chosen otherwise. */
        public NetworkSettings withAlgorithms(AlgorithmChoices others) {
            return with(new Computation(computation.precision, others, computation.batchStatistics));
        }

        /** The same with batch normalization by what is said, not by what the weights are. */
        public NetworkSettings withBatchStatistics(boolean other) {
            return with(new Computation(computation.precision, computation.algorithms, Optional.of(other)));
        }

        private NetworkSettings with(Computation other) {
            return new NetworkSettings(origin, height, width, head, freeze, other);
        }

        public Backbone backbone() {
            return origin.backbone;
        }

        public Weights weights() {
            return origin.weights;
        }

        /** The classifier that it goes on from. */
        public Optional<LearnedStart> start() {
            return origin.start;
        }

        public Precision precision() {
            return computation.precision;
        }

        public AlgorithmChoices algorithms() {
            return computation.algorithms;
        }

        /** The chosen way, else that of the classifier that it goes on from, else the weights'. */
        public boolean usesBatchStatistics() {
            return computation.batchStatistics.orElseGet(
                    () -> start().map(LearnedStart::batchStatistics).orElse(weights() instanceof Weights.Random));
        }

        /** What it says of an image. */
        public AnswerKind answers() {
            return AnswerKind.of(head);
        }

        /** The chosen loss, else the one for its answers. */
        public Loss loss(TrainingSettings training) {
            return training.loss().orElse(answers().loss());
        }

        /** The backbone at this size. */
        public SizedBackbone sized() {
            return SizedBackbone.of(backbone(), height, width);
        }

        /** Cut above what is frozen. */
        public NetworkPlan plan(int classes) {
            return NetworkPlan.of(backbone(), height, width, head, classes, freeze);
        }

        /** The layers of the backbone that are not frozen. */
        List<String> trainedLayers() {
            return sized().trainedLayers(freeze);
        }
    }

    /**
     * What a network begins as: a backbone and where its weights come from, or a classifier.
     *
     * @param start the classifier that it goes on from, in place of the backbone's weights
     * @param droppedClasses of those that this classifier has learned
     */
    public record StartingPoint(
            Backbone backbone, Weights weights, Optional<LearnedStart> start, List<String> droppedClasses) {

        /** The same backbone with other weights. */
        public StartingPoint withWeights(Weights other) {
            return new StartingPoint(backbone, other, Optional.empty(), List.of());
        }

        /** The same backbone going on from a classifier. */
        public StartingPoint withStart(LearnedStart other) {
            return new StartingPoint(backbone, weights, Optional.of(other), droppedClasses);
        }

        /** The same without some of the classes that were learned. */
        public StartingPoint withDroppedClasses(List<String> others) {
            return new StartingPoint(backbone, weights, start, others);
        }
    }

    /**
     * How a network computes.
     *
     * @param batchStatistics whether trained batch normalization goes by the batches; empty where the weights decide
     */
    public record Computation(Precision precision, AlgorithmChoices algorithms, Optional<Boolean> batchStatistics) {}

    /**
     * What is done to images, and which are held out.
     *
     * @param cachedVariants of each augmented training image; 0 for fresh passes
     * @param validationSplit the part of the training images; 0 where there are images of their own, or none
     * @param seed what all random choices follow, also those of the training
     */
    public record Data(
            ImagePreprocessing preprocessing,
            Augmentation augmentation,
            int cachedVariants,
            Optional<LearningData> validation,
            double validationSplit,
            long seed) {

        /** The same with another preprocessing. */
        public Data withPreprocessing(ImagePreprocessing other) {
            return new Data(other, augmentation, cachedVariants, validation, validationSplit, seed);
        }

        /** The same with another augmentation. */
        public Data withAugmentation(Augmentation other) {
            return new Data(preprocessing, other, cachedVariants, validation, validationSplit, seed);
        }

        /** The same with another number of variants. */
        public Data withVariants(int other) {
            return new Data(preprocessing, augmentation, other, validation, validationSplit, seed);
        }

        /** The same with images for validation. */
        public Data withValidation(LearningData other) {
            return new Data(preprocessing, augmentation, cachedVariants, Optional.of(other), 0, seed);
        }

        /** The same with a part of the training images for validation. */
        public Data withValidation(double split) {
            return new Data(preprocessing, augmentation, cachedVariants, Optional.empty(), split, seed);
        }

        /** The same with another seed. */
        public Data withSeed(long other) {
            return new Data(preprocessing, augmentation, cachedVariants, validation, validationSplit, other);
        }

        /** Whether the images to learn from are changed at random. */
        public boolean augments() {
            return !augmentation.isNone();
        }
    }

    /** What is kept beside the classifier, and who is told how it goes. */
    public record Keeping(
            Optional<FeatureCache> featureCache,
            Optional<Checkpoints> checkpoints,
            List<FitListener> listeners,
            List<TrainingListener> dl4jListeners) {

        /** The same with features kept. */
        public Keeping with(FeatureCache other) {
            return new Keeping(Optional.of(other), checkpoints, listeners, dl4jListeners);
        }

        /** The same with checkpoints. */
        public Keeping with(Checkpoints other) {
            return new Keeping(featureCache, Optional.of(other), listeners, dl4jListeners);
        }

        /** The same with one more listener. */
        public Keeping and(FitListener listener) {
            return new Keeping(featureCache, checkpoints, and(listeners, listener), dl4jListeners);
        }

        /** The same with one more listener. */
        public Keeping and(TrainingListener listener) {
            return new Keeping(featureCache, checkpoints, listeners, and(dl4jListeners, listener));
        }

        private static <T> List<T> and(List<T> some, T one) {
            return Stream.concat(some.stream(), Stream.of(one)).toList();
        }
    }
}
