package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.fitted.Fitted.PastTraining;
import org.transfer4j.internal.fitted.Inference.ComparedFeatures;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/**
 * The file of a classifier or regressor: written of what was fitted, and read in three steps, each of which takes more memory than the
 * one before. What the file says comes first ({@link Described}), then its weights, then what computes.
 */
public final class ModelFile {
    private static final Logger LOG = LoggerFactory.getLogger(ModelFile.class);

    private ModelFile() {}

    /** To be said once, not with each of the models of a training. */
    public static void warnOfOptimizer(Path file, @Nullable PastTraining past) {
        if (past != null && past.optimizer() != null && !PastTraining.isStorable(past.optimizer())) {
            LOG.warn(
                    "{}: the optimizer {} can't be stored: a further training of the model that is loaded has to be told"
                            + " its optimizer",
                    file,
                    past.optimizerText());
        }
    }

    public static void write(Path file, Fitted fitted) {
        try (Written written = Written.of(fitted)) {
            ModelArchive.write(file, written.contents);
        }
    }

    /** Parameters under one name each, which {@link ModelArchive#byLayer} takes apart. */
    static Map<String, INDArray> flat(Map<String, Map<String, INDArray>> parameters) {
        Map<String, INDArray> flat = new LinkedHashMap<>();
        parameters.forEach((layer, own) -> own.forEach((name, value) -> flat.put(layer + "/" + name, value)));
        return flat;
    }

    /**
     * What was fitted as the contents of a file. Nothing is copied but what a calibration keeps, which is freed with this: there may
     * be no room for a second network.
     *
     * @param scores what a calibration keeps
     * @param contents what is to be written, as long as this is open
     */
    record Written(Map<String, INDArray> scores, ModelContents contents) implements AutoCloseable {
        static Written of(Fitted fitted) {
            FittedNetwork network = fitted.network();
            NetworkPlan plan = network.plan();
            Map<String, INDArray> weights = flat(network.parameters());
            plan.network().nodes().values().stream()
                    .filter(node -> node.op() instanceof Op.Onnx onnx && onnx.outside() != null)
                    .forEach(node -> weights.remove(node.layer() + "/" + Op.MODEL));
            String told = fitted.history().withoutTiming().toJson();
            PastTraining past = fitted.past();
            NetworkDescription description = new NetworkDescription(
                    plan.height(),
                    plan.width(),
                    3,
                    plan.cut(),
                    plan.frozen().stream().sorted().toList(),
                    network.batchStatistics(),
                    network.precision(),
                    network.recordedAlgorithms());
            Map<String, INDArray> scores = fitted.calibration().arrays();
            weights.putAll(scores);
            return new Written(
                    scores,
                    new ModelContents(
                            LibraryVersion.current(),
                            plan.name(),
                            TopologyJson.write(plan.network()),
                            description,
                            network.preprocessing().toJson(),
                            network.classNames(),
                            past == null ? told : PastTrainingJson.addTo(told, past),
                            fitted.calibration().toJson().orElse(null),
                            weights));
        }

        @Override
        public void close() {
            scores.values().forEach(INDArray::close);
        }
    }

    /**
     * Reads it.
     *
     * @param models where the weights of an ONNX model are looked for that are in files of their own, before they are looked for
     *     beside the file; null for there alone
     * @param regression whether it should give numbers, not classes
     * @throws ModelFileException if it is damaged, or a model of the other kind
     */
    public static Fitted read(Path file, @Nullable Path models, boolean regression) {
        NativeMemory.apply();
        NativeThreads.applyToNd4j();
        return NativeMemory.guarded(() -> read(file, models, regression, Described::fitted));
    }

    /**
     * Reads it as {@link #read(Path, Path, boolean)} does, but makes nothing that computes: whether the file is sound, in a part of the
     * time.
     *
     * @throws ModelFileException as there
     */
    public static void check(Path file, boolean regression) {
        NativeMemory.apply();
        NativeMemory.guarded(() -> read(file, null, regression, Described::checked));
    }

    private static <T> T read(
            Path file, @Nullable Path models, boolean regression, BiFunction<Described, ModelContents, T> making) {
        List<Described> described = new ArrayList<>(1);
        ModelContents contents =
                ModelArchive.read(file, said -> described.add(Described.of(file, models, regression, said)));
        return making.apply(described.get(0), contents);
    }

    /** Does something with what a file says; what fails is the file's fault. */
    static <T> T refusing(Path file, Supplier<T> step) {
        try {
            return step.get();
        } catch (TransferException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ModelFileException(file, "its parts contradict each other: " + e.getMessage(), e);
        }
    }

    /** The network that a file describes, which can be computed here. */
    static Network network(Path file, String topology, NetworkDescription description) {
        if (description.inputChannels() != 3) {
            throw new ModelFileException(
                    file, "its images must have 3 channels, but have " + description.inputChannels());
        }
        Network network;
        try {
            network = TopologyJson.read(topology, description);
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
        if (network.hasOnnx() && OnnxEngine.find().isEmpty()) {
            throw new ModelFileException(file, OnnxEngine.MISSING);
        }
        return network;
    }

    /** Fills parameters with what a file holds, of their shapes and types. */
    static void fill(
            Path file, Map<String, Map<String, INDArray>> part, Map<String, Map<String, INDArray>> parameters) {
        part.forEach((layer, expected) -> expected.forEach((name, value) -> {
            INDArray stored = parameters.getOrDefault(layer, Map.of()).get(name);
            if (stored == null || !Arrays.equals(stored.shape(), value.shape())) {
                throw new ModelFileException(
                        file,
                        "the weights " + layer + "/" + name + " must be " + Arrays.toString(value.shape()) + ", found "
                                + (stored == null ? "none" : Arrays.toString(stored.shape())));
            }
            if (stored.dataType() != value.dataType()) {
                throw new ModelFileException(
                        file,
                        "the weights " + layer + "/" + name + " must be of type " + value.dataType() + ", found "
                                + stored.dataType());
            }
            ParameterValues.check(layer, name, stored);
            value.assign(stored);
        }));
    }

    /**
     * What a file says, but for the weights: all that can be known before memory is taken for them.
     *
     * @param folders where weights are that the file has not itself
     * @param network how its network is read and cut
     */
    record Described(
            Path file,
            List<Path> folders,
            NetworkDescription network,
            NetworkPlan plan,
            ImagePreprocessing preprocessing,
            List<String> classNames,
            TrainingHistory history,
            @Nullable PastTraining past,
            FittedCalibration.@Nullable Description calibration) {
        /** Proves it, as {@link #read(Path, Path, boolean)} is asked. */
        static Described of(Path file, @Nullable Path models, boolean regression, ModelContents said) {
            return refusing(file, () -> proven(file, models, regression, said));
        }

        private static Described proven(Path file, @Nullable Path models, boolean regression, ModelContents said) {
            NetworkDescription description = said.network();
            Network network = ModelFile.network(file, said.topology(), description);
            NetworkSize size = NetworkSize.of(network);
            PastTraining past = PastTrainingJson.read(said.history(), said.classNames());
            NetworkPlan plan = NetworkPlan.restored(
                    said.backbone(),
                    network,
                    description.frozenLayers(),
                    description.cutVertex().orElse(null));
            AnswerKind answers = plan.answers();
            boolean numbers = answers == AnswerKind.NUMBERS;
            if (numbers != regression) {
                throw new ModelFileException(
                        file,
                        numbers
                                ? "holds a regressor, which gives the numbers " + said.classNames()
                                        + ": ImageRegressor.load reads it"
                                : "holds a classifier of the classes " + said.classNames()
                                        + ": ImageClassifier.load reads it");
            }
            if (plan.classes() != said.classNames().size()) {
                throw new ModelFileException(
                        file,
                        "its network has " + plan.classes() + " outputs, but it names "
                                + said.classNames().size() + (numbers ? " targets" : " classes"));
            }
            Described all = new Described(
                    file,
                    Stream.of(models, file.toAbsolutePath().getParent())
                            .flatMap(Stream::ofNullable)
                            .toList(),
                    description,
                    plan,
                    ImagePreprocessing.fromJson(said.preprocessing()),
                    said.classNames(),
                    TrainingHistory.fromJson(said.history()).withoutTiming(),
                    past,
                    said.calibration() == null
                            ? null
                            : FittedCalibration.described(
                                    said.calibration(),
                                    ComparedFeatures.width(plan),
                                    answers == AnswerKind.ONE_CLASS,
                                    answers == AnswerKind.LABELS ? said.classNames() : List.of()));
            size.requireMemory(file, plan.height(), plan.width());
            return all;
        }

        /** The least memory that its network takes. */
        long bytes() {
            return NetworkSize.of(plan.network()).bytes();
        }

        /** What is left to be done when the weights were read; they are closed here. */
        Fitted fitted(ModelContents contents) {
            return with(contents.weights(), this::ready);
        }

        /** The same, of which nothing is kept but the calibration. */
        FittedCalibration checked(ModelContents contents) {
            return with(contents.weights(), weights -> {
                FittedCalibration restored = restoredCalibration(weights);
                frozen(weights, ParameterValues.zeros(plan.tail()));
                return restored;
            });
        }

        /** Makes something of the weights; all of them are closed then, also those that it takes out of its map. */
        private <T> T with(Map<String, INDArray> read, Function<Map<String, INDArray>, T> step) {
            Map<String, INDArray> weights = new LinkedHashMap<>(read);
            try {
                addOutside(weights);
                return refusing(file, () -> step.apply(new LinkedHashMap<>(weights)));
            } finally {
                weights.values().forEach(INDArray::close);
                read.values().forEach(INDArray::close);
            }
        }

        /** Puts ONNX models beside their outlines, of which alone the file has the bytes. */
        private void addOutside(Map<String, INDArray> weights) {
            for (Network.Node node : plan.network().nodes().values()) {
                INDArray outline = weights.get(node.layer() + "/" + Op.OUTLINE);
                if (node.op() instanceof Op.Onnx op && op.outside() != null && outline != null) {
                    try {
                        OnnxEngine engine = OnnxEngine.find().orElseThrow();
                        weights.put(node.layer() + "/" + Op.MODEL, engine.whole(op, outline, folders));
                    } catch (IllegalArgumentException e) {
                        throw new ModelFileException(file, "can't be loaded: " + e.getMessage(), e);
                    }
                }
            }
        }

        private Fitted ready(Map<String, INDArray> weights) {
            FittedCalibration restored = restoredCalibration(weights);
            // the loss says how outputs become probabilities, or that they are numbers; nothing is trained
            TrainingLoss loss = TrainingLoss.of(plan.answers().loss());
            TailSettings settings = new TailSettings(Optimizer.sgd(1), loss, 0).in(network.precision());
            Tail tail = TailCompiler.compileToPredict(plan.tail(), settings);
            FittedNetwork whole = FittedNetwork.owning(
                    tail,
                    () -> new FittedNetwork(
                            plan,
                            preprocessing,
                            classNames,
                            network.batchStatistics(),
                            frozen(weights, tail.parameters()),
                            network.precision(),
                            AlgorithmChoices.TABLE.withRecorded(network.algorithms()),
                            tail));
            try {
                whole.trunk().ifPresent(trunk -> trunk.prepare(1));
            } catch (RuntimeException | Error e) {
                whole.close();
                throw e;
            }
            return new Fitted(whole, history, past, false, restored);
        }

        /** Takes its own arrays out; what is left are the network's, all of them. */
        private FittedCalibration restoredCalibration(Map<String, INDArray> weights) {
            FittedCalibration restored = FittedCalibration.restored(calibration, weights);
            requireFitting(weights);
            return restored;
        }

        /** The frozen part with its weights, if there is one; those of the other part are filled in. */
        private @Nullable WeightedNetwork frozen(
                Map<String, INDArray> weights, Map<String, Map<String, INDArray>> tail) {
            Map<String, Map<String, INDArray>> parameters = ModelArchive.byLayer(weights);
            WeightedNetwork frozen = plan.trunk()
                    .map(part -> new WeightedNetwork(part, ParameterValues.zeros(part)))
                    .orElse(null);
            if (frozen != null) {
                fill(file, frozen.parameters(), parameters);
            }
            fill(file, tail, parameters);
            requireVotes(tail);
            return frozen;
        }

        /** Images that vote have classes that there are. */
        private void requireVotes(Map<String, Map<String, INDArray>> parameters) {
            Network.Node output = plan.network().nodes().get(NetworkPlan.OUTPUT);
            if (output != null && output.op() instanceof Op.Neighbours votes) {
                Map<String, INDArray> table =
                        Objects.requireNonNull(parameters.get(NetworkPlan.OUTPUT), NetworkPlan.OUTPUT);
                votes.requireClasses(Objects.requireNonNull(table.get(Op.CLASSES), Op.CLASSES)
                        .toFloatVector());
            }
        }

        /** What would otherwise be found out after memory was taken for it. */
        private void requireFitting(Map<String, INDArray> weights) {
            long models = plan.network().nodes().values().stream()
                    .filter(node -> node.op() instanceof Op.Onnx)
                    .mapToLong(node -> node.op().parameterCount())
                    .sum();
            long needed = plan.network().parameterCount() - models;
            long stored = weights.values().stream()
                    .filter(values -> values.dataType() == DataType.FLOAT)
                    .mapToLong(INDArray::length)
                    .sum();
            if (needed != stored) {
                throw new ModelFileException(
                        file, "its topology has " + needed + " parameters, but it holds " + stored + " weights");
            }
        }
    }
}
