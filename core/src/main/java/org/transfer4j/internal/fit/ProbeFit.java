package org.transfer4j.internal.fit;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.head.Probe;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.evaluate.Evaluation;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Fitted.PastTraining;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.probe.LogisticProbe.RemoteImages;
import org.transfer4j.internal.probe.PrototypeProbe;
import org.transfer4j.internal.probe.RidgeProbe;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Loss;
import org.transfer4j.training.TrainingHistory;

/** A fit without epochs: the output layer is found on the features of all images at once. */
public final class ProbeFit {
    /** As M. Oquab and others have it, "DINOv2", 2023. */
    private static final int VOTERS = 20;

    private static final double VOTES_TEMPERATURE = 0.07;

    private static final String ADVICE = "; Head.globalAveragePooling() has fewer features than Head.flatten()";

    /** Null of numbers, for which there is one. */
    private final @Nullable Probe probe;

    private final FitTask task;
    private final Settings settings;
    private final DatasetSource source;
    private final NetworkPlan plan;
    private final int width;
    private final FitListener listener;

    private ProbeFit(Settings settings, LearningData data, @Nullable Probe probe) {
        this.probe = probe;
        task = FitTask.of(settings, data);
        this.settings = task.settings();
        source = (DatasetSource) task.source();
        plan = this.settings.plan(task.classNames().size());
        width = width(plan);
        listener = GuardedListeners.asOne(this.settings.keeping().listeners());
        requireMemory();
    }

    /** Fits. */
    public static Fitted run(Settings given, ImageDataset data, Probe probe) {
        return run(new ProbeFit(
                ofClasses(given), new LearningData.OneLabel(data), Objects.requireNonNull(probe, "probe")));
    }

    /** Checks, before any work, what {@link #run(Settings, LearningData, RemoteImages, int[])} would. */
    public static void check(Settings given, LearningData data) {
        Settings settings = ofClasses(given);
        FitTask task = FitTask.of(settings, data);
        Fit.requireMemory(task);
        int classes = task.classNames().size();
        int width = width(settings.plan(classes));
        LogisticProbe.requireHeap(
                what(data.size(), width, classes, "classes"), LogisticProbe.heapBytes(width, classes));
    }

    /**
     * Fits to images whose features are elsewhere.
     *
     * @param data the images with one label each
     * @param labels the class of each image
     */
    public static Fitted run(Settings given, LearningData data, RemoteImages images, int[] labels) {
        FitTask task = FitTask.of(ofClasses(given), data);
        FitListener listener = GuardedListeners.asOne(task.settings().keeping().listeners());
        return Interruption.cancellable(
                "the probe",
                () -> NativeMemory.guarded(() -> fitted(task, listener, network -> {
                    fill(
                            PhaseNetworks.outputLayer(network.tail()),
                            LogisticProbe.learn(images, labels, classWeights(task))
                                    .layer());
                    return network;
                })));
    }

    private static Settings ofClasses(Settings given) {
        Settings settings = probing(given);
        settings.training()
                .loss()
                .filter(loss -> !loss.equals(Loss.crossEntropy()))
                .ifPresent(loss -> {
                    throw new IllegalArgumentException("a probe makes the cross-entropy small, got the loss " + loss);
                });
        return settings;
    }

    /** Fits to numbers. */
    public static Fitted run(Settings given, RegressionDataset data) {
        Settings settings = probing(given);
        settings.training()
                .loss()
                .filter(loss -> !loss.equals(Loss.meanSquaredError()))
                .ifPresent(loss -> {
                    throw new IllegalArgumentException(
                            "a probe of numbers makes the mean squared error small, got the loss " + loss);
                });
        return run(new ProbeFit(settings, new LearningData.Numbers(data), null));
    }

    private static Fitted run(ProbeFit fit) {
        return Interruption.cancellable("the probe", () -> NativeMemory.guarded(fit::run));
    }

    /** What is said of epochs does not matter, and nothing of the backbone is trained. */
    private static Settings probing(Settings given) {
        List<HeadLayer> layers = given.network().head().layers();
        if (layers.stream().anyMatch(HeadLayer.Dense.class::isInstance)) {
            throw new IllegalArgumentException("a probe is an output layer right on the features, Head.flatten() or"
                    + " Head.globalAveragePooling() without dense layers, got "
                    + given.network().head());
        }
        return given.with(given.network().withFreeze(Freeze.ALL))
                .with(given.data().withAugmentation(Augmentation.none()).withValidation(0))
                .with(given.training().withPhases(List.of()).withEarlyStopping(Optional.empty()))
                .with(new Settings.Keeping(
                        given.keeping().featureCache(),
                        Optional.empty(),
                        given.keeping().listeners(),
                        List.of()));
    }

    /** Refuses what can't be held in memory, before any work. */
    private void requireMemory() {
        Fit.requireMemory(task);
        long images = source.size();
        int outputs = task.classNames().size();
        String what = what(images, width, outputs, probe == null ? "targets" : "classes");
        Need need = need(images, outputs);
        NativeMemory.require(null, what, need.nativeBytes());
        if (!need.indexable()) {
            throw new IllegalArgumentException(what + " is more than an array can hold" + ADVICE);
        }
        LogisticProbe.requireHeap(what, need.heapBytes());
        if (settings.keeping().featureCache().isEmpty()) {
            ExampleSupply.volume(settings.data(), plan, images, 0)
                    .requireRoom(
                            ExampleSupply.temporaryFolder(),
                            "the features",
                            FeatureStore.TEMPORARY_FOLDER,
                            FeatureStore.ADVICE);
        }
    }

    /**
     * What the search takes at least.
     *
     * @param indexable whether arrays can hold it
     */
    private record Need(long nativeBytes, long heapBytes, boolean indexable) {}

    private Need need(long images, int outputs) {
        if (probe == null) {
            return new Need(RidgeProbe.nativeBytes(images, width), 0, RidgeProbe.isIndexable(images, width));
        }
        return switch (probe) {
            case LOGISTIC ->
                new Need(
                        LogisticProbe.nativeBytes(images, width, outputs),
                        LogisticProbe.heapBytes(width, outputs),
                        LogisticProbe.isIndexable(images, width, outputs));
            case PROTOTYPES ->
                new Need(
                        PrototypeProbe.nativeBytes(images, width, outputs),
                        PrototypeProbe.heapBytes(images, width, outputs),
                        PrototypeProbe.isIndexable(images, width, outputs));
            case NEAREST_NEIGHBOURS ->
                new Need(
                        NetworkSize.product(2, Float.BYTES, images, width),
                        Float.BYTES * images * width,
                        RidgeProbe.isIndexable(images, width));
        };
    }

    private static int width(NetworkPlan plan) {
        return Math.toIntExact(Shape.of(plan.featureShape()).elements());
    }

    private static String what(long images, int width, int outputs, String noun) {
        return String.format(
                Locale.ROOT, "a probe of %,d images with %,d features each and %,d %s", images, width, outputs, noun);
    }

    private Fitted run() {
        settings.keeping().featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        return fitted(task, listener, network -> {
            new PreprocessingCheck(settings, network.parameters()).warn(source.dataset());
            if (probe == Probe.NEAREST_NEIGHBOURS) {
                return voting(network);
            }
            fill(network);
            return network;
        });
    }

    private static Fitted fitted(FitTask task, FitListener listener, UnaryOperator<FittedNetwork> learning) {
        NativeThreads.applyToNd4j();
        Settings settings = task.settings();
        listener.fitStarting();
        FittedNetwork network = new PhaseNetworks(settings, task.loss(), task.classNames(), null).first();
        try {
            network = learning.apply(network);
            return new Fitted(network, TrainingHistory.empty(), PastTraining.of(settings), false);
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        } finally {
            listener.fitFinished(TrainingHistory.empty());
        }
    }

    private void fill(FittedNetwork network) {
        Map<String, INDArray> output = PhaseNetworks.outputLayer(network.tail());
        try (Examples examples = examples(network);
                FeatureMatrix features = FeatureMatrix.of(examples, width)) {
            fill(output, probe == null ? ofNumbers(features) : ofClasses(features, probe));
        }
        TargetScale scale = task.scale();
        if (scale != null) {
            scale.fold(output);
        }
    }

    private Examples examples(FittedNetwork network) {
        ExampleSupply supply = new ExampleSupply(settings, network, listener);
        supply.requireCacheSpace(source, null);
        return supply.examples(source);
    }

    /** The network with the training images' features in the place of its output layer. */
    private FittedNetwork voting(FittedNetwork network) {
        int images = Math.toIntExact(source.size());
        NetworkPlan voting = network.plan().voting(images, Math.min(VOTERS, images), VOTES_TEMPERATURE);
        Tail tail = TailCompiler.compileToPredict(
                voting.tail(), new TailSettings(settings.training().optimizer(), task.loss(), 0));
        try (Examples examples = examples(network);
                FeatureMatrix features = FeatureMatrix.directions(examples, width)) {
            Map<String, INDArray> output = PhaseNetworks.outputLayer(tail);
            features.copyTo(Objects.requireNonNull(output.get(Op.WEIGHTS), Op.WEIGHTS));
            INDArray classes = Objects.requireNonNull(output.get(Op.CLASSES), Op.CLASSES);
            int[] labels = Evaluation.labels(source, IntStream.range(0, images));
            for (int i = 0; i < images; i++) {
                classes.putScalar(i, labels[i]);
            }
            return network.withTail(voting, tail);
        } catch (RuntimeException | Error e) {
            tail.close();
            throw e;
        }
    }

    private LinearLayer ofClasses(FeatureMatrix features, Probe how) {
        int[] labels = Evaluation.labels(source, IntStream.range(0, features.rows()));
        double[] classWeights = classWeights(task);
        return switch (how) {
            case LOGISTIC -> LogisticProbe.learn(features, labels, classWeights).layer();
            case PROTOTYPES -> PrototypeProbe.learn(features, labels, classWeights.length);
            case NEAREST_NEIGHBOURS -> throw new IllegalStateException("votes are no linear layer");
        };
    }

    private static double[] classWeights(FitTask task) {
        double[] given = task.settings().training().classWeights().in(task.source(), AnswerKind.ONE_CLASS);
        return given.length > 0
                ? given
                : DoubleStream.generate(() -> 1).limit(task.classNames().size()).toArray();
    }

    /** Learned as they are, on the scale that a fit has for them. */
    private LinearLayer ofNumbers(FeatureMatrix features) {
        double[][] numbers = new double[features.rows()][task.classNames().size()];
        for (int i = 0; i < numbers.length; i++) {
            float[] row = ((Target.Numbers) source.target(i)).row();
            for (int target = 0; target < row.length; target++) {
                numbers[i][target] = row[target];
            }
        }
        return RidgeProbe.learn(features, numbers);
    }

    private static void fill(Map<String, INDArray> output, LinearLayer layer) {
        INDArray weights = Objects.requireNonNull(output.get(Op.WEIGHTS), Op.WEIGHTS);
        INDArray bias = Objects.requireNonNull(output.get(Op.BIAS), Op.BIAS);
        for (int c = 0; c < layer.bias().length; c++) {
            bias.putScalar(c, layer.bias()[c]);
            try (INDArray own = Nd4j.createFromArray(layer.weights()[c]);
                    INDArray row = own.castTo(DataType.FLOAT)) {
                weights.getRow(c).assign(row);
            }
        }
    }
}
