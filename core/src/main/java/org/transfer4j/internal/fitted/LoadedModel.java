package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelContents;
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

/** A model file on its way to a classifier or regressor. */
public final class LoadedModel {
    private final Path file;
    private final List<Path> folders;
    private final boolean regression;
    private @Nullable Described described;

    /** One of a file; to be proven before the weights are read. */
    LoadedModel(Path file, @Nullable Path models, boolean regression) {
        this.file = file;
        this.folders = Stream.of(models, file.toAbsolutePath().getParent())
                .flatMap(Stream::ofNullable)
                .toList();
        this.regression = regression;
    }

    /** What the file says, but for the weights. */
    private record Described(
            NetworkPlan plan,
            ImagePreprocessing preprocessing,
            TrainingHistory history,
            @Nullable PastTraining settings,
            List<String> classNames,
            FittedCalibration.@Nullable Description calibration,
            NetworkSize size) {}

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
        return NativeMemory.guarded(() -> new LoadedModel(file, models, regression).read());
    }

    /**
     * Reads it as {@link #read} does, but makes nothing that computes: whether the file is sound, in a part of the time.
     *
     * @throws ModelFileException as for {@link #read}
     */
    public static void check(Path file, boolean regression) {
        NativeMemory.apply();
        NativeMemory.guarded(() -> {
            LoadedModel model = new LoadedModel(file, null, regression);
            return model.checked(ModelArchive.read(file, model::prove));
        });
    }

    private Fitted read() {
        return fitted(ModelArchive.read(file, this::prove));
    }

    /** What is left to be done when the weights were read; they are closed here. */
    Fitted fitted(ModelContents contents) {
        return with(contents, weights -> restored(contents.network(), weights));
    }

    /** The same, of which nothing is kept but the calibration. */
    FittedCalibration checked(ModelContents contents) {
        return with(contents, weights -> {
            NetworkPlan plan = described().plan();
            FittedCalibration calibration = calibration(weights);
            frozen(plan, weights, ParameterValues.zeros(plan.tail()));
            return calibration;
        });
    }

    /** Makes something of the weights; all of them are closed then, also those that it takes out of its map. */
    private <T> T with(ModelContents contents, Function<Map<String, INDArray>, T> step) {
        Map<String, INDArray> weights = new LinkedHashMap<>(contents.weights());
        try {
            addOutside(weights);
            return refusing(file, () -> step.apply(new LinkedHashMap<>(weights)));
        } finally {
            weights.values().forEach(INDArray::close);
            contents.weights().values().forEach(INDArray::close);
        }
    }

    /** Puts ONNX models beside their outlines, of which alone the file has the bytes. */
    private void addOutside(Map<String, INDArray> weights) {
        for (Network.Node node : described().plan().network().nodes().values()) {
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

    private Described described() {
        Described known = described;
        if (known == null) {
            throw new IllegalStateException("the archive was read without a look at what it says");
        }
        return known;
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

    /** All that can be known before memory is taken for the weights. */
    void prove(ModelContents contents) {
        described = refusing(file, () -> describe(contents));
    }

    /** The least memory that its network takes. */
    long bytes() {
        return described().size().bytes();
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

    private Described describe(ModelContents contents) {
        NetworkDescription description = contents.network();
        Network network = network(file, contents.topology(), description);
        NetworkSize size = NetworkSize.of(network);
        PastTraining past = PastTraining.in(contents.history(), contents.classNames());
        NetworkPlan plan = NetworkPlan.restored(
                contents.backbone(),
                network,
                description.frozenLayers(),
                description.cutVertex().orElse(null));
        requireKind(plan, contents);
        if (plan.classes() != contents.classNames().size()) {
            throw new ModelFileException(
                    file,
                    "its network has " + plan.classes() + " outputs, but it names "
                            + contents.classNames().size() + (regression ? " targets" : " classes"));
        }
        Described all = new Described(
                plan,
                ImagePreprocessing.fromJson(contents.preprocessing()),
                TrainingHistory.fromJson(contents.history()).withoutTiming(),
                past,
                contents.classNames(),
                contents.calibration() == null
                        ? null
                        : FittedCalibration.described(
                                contents.calibration(),
                                ComparedFeatures.width(plan),
                                plan.answers() == AnswerKind.ONE_CLASS,
                                plan.answers() == AnswerKind.LABELS ? contents.classNames() : List.of()),
                size);
        size.requireMemory(file, plan.height(), plan.width());
        return all;
    }

    private void requireKind(NetworkPlan plan, ModelContents contents) {
        boolean numbers = plan.answers() == AnswerKind.NUMBERS;
        if (numbers != regression) {
            throw new ModelFileException(
                    file,
                    numbers
                            ? "holds a regressor, which gives the numbers " + contents.classNames()
                                    + ": ImageRegressor.load reads it"
                            : "holds a classifier of the classes " + contents.classNames()
                                    + ": ImageClassifier.load reads it");
        }
    }

    private Fitted restored(NetworkDescription description, Map<String, INDArray> weights) {
        Described known = described();
        NetworkPlan plan = known.plan();
        FittedCalibration calibration = calibration(weights);
        // the loss says how outputs become probabilities, or that they are numbers; nothing is trained
        TrainingLoss loss = TrainingLoss.of(plan.answers().loss());
        TailSettings settings = new TailSettings(Optimizer.sgd(1), loss, 0).in(description.precision());
        Tail tail = TailCompiler.compileToPredict(plan.tail(), settings);
        WeightedNetwork frozen = frozen(plan, weights, tail.parameters());
        FittedNetwork network = new FittedNetwork(
                plan,
                known.preprocessing(),
                known.classNames(),
                description.batchStatistics(),
                frozen,
                description.precision(),
                AlgorithmChoices.TABLE.withRecorded(description.algorithms()),
                tail);
        network.trunk().ifPresent(trunk -> trunk.prepare(1));
        return new Fitted(network, known.history(), known.settings(), false, calibration);
    }

    /** Takes its own arrays out; what is left are the network's, all of them. */
    private FittedCalibration calibration(Map<String, INDArray> weights) {
        FittedCalibration calibration = FittedCalibration.restored(described().calibration(), weights);
        requireFitting(described().plan(), weights);
        return calibration;
    }

    /** The frozen part with its weights, if there is one; those of the other part are filled in. */
    private @Nullable WeightedNetwork frozen(
            NetworkPlan plan, Map<String, INDArray> weights, Map<String, Map<String, INDArray>> tail) {
        Map<String, Map<String, INDArray>> parameters = ModelArchive.byLayer(weights);
        WeightedNetwork frozen = plan.trunk()
                .map(part -> new WeightedNetwork(part, ParameterValues.zeros(part)))
                .orElse(null);
        if (frozen != null) {
            fill(file, frozen.parameters(), parameters);
        }
        fill(file, tail, parameters);
        requireVotes(plan, tail);
        return frozen;
    }

    /** Images that vote have classes that there are. */
    private static void requireVotes(NetworkPlan plan, Map<String, Map<String, INDArray>> parameters) {
        Network.Node output = plan.network().nodes().get(NetworkPlan.OUTPUT);
        if (output != null && output.op() instanceof Op.Neighbours votes) {
            Map<String, INDArray> table =
                    Objects.requireNonNull(parameters.get(NetworkPlan.OUTPUT), NetworkPlan.OUTPUT);
            votes.requireClasses(
                    Objects.requireNonNull(table.get(Op.CLASSES), Op.CLASSES).toFloatVector());
        }
    }

    /** What would otherwise be found out after memory was taken for it. */
    private void requireFitting(NetworkPlan plan, Map<String, INDArray> weights) {
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
}
