package org.transfer4j.internal.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.weights.WeightsLoader;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** The starting parameters of a network: the backbone's as the settings say, the head's random; or a classifier's ({@link LearnedStart}). */
public final class BackboneParameters {
    private static final Logger LOG = LoggerFactory.getLogger(BackboneParameters.class);

    private final long seed;
    private final Map<String, Map<String, INDArray>> loaded;
    private final @Nullable LearnedStart start;

    private BackboneParameters(long seed, Map<String, Map<String, INDArray>> loaded, @Nullable LearnedStart start) {
        this.seed = seed;
        this.loaded = loaded;
        this.start = start;
    }

    /** Reads, or fetches and reads, the backbone's weights; checks them against the backbone. */
    public static BackboneParameters of(Settings.NetworkSettings network, Settings.Data data) {
        LearnedStart start = network.start().orElse(null);
        if (start != null) {
            return new BackboneParameters(data.seed(), start.parameters(), start);
        }
        if (network.weights() instanceof Weights.Random) {
            return new BackboneParameters(data.seed(), Map.of(), null);
        }
        Network backbone = network.sized().network();
        Map<String, Map<String, INDArray>> loaded = load(network, data.preprocessing(), backbone);
        try {
            loaded.forEach(
                    (layer, values) -> values.forEach((name, value) -> ParameterValues.check(layer, name, value)));
        } catch (IllegalArgumentException e) {
            Path file = network.weights() instanceof Weights.FromFile named ? named.path() : null;
            throw new WeightsException(file, String.valueOf(e.getMessage()), e);
        }
        BackboneParameters parameters = new BackboneParameters(data.seed(), loaded, null);
        warnOfPreprocessing(network, data.preprocessing());
        return parameters;
    }

    private static Map<String, Map<String, INDArray>> load(
            Settings.NetworkSettings network, ImagePreprocessing given, Network backbone) {
        boolean isGiven = network.backbone().topology() instanceof ParameterValues.Given;
        if (network.backbone().topology() instanceof ParameterValues.Given own
                && network.weights() instanceof Weights.Pretrained pretrained) {
            pretrained.dataset().ifPresent(dataset -> {
                throw new IllegalArgumentException("nobody says what the weights of "
                        + network.backbone().name() + " were trained on, " + dataset
                        + " was asked for; they are Weights.pretrained()");
            });
            return own.parameters();
        }
        NetworkLayers layers = NetworkLayers.of(
                backbone,
                SizedBackbone.whole(
                        network.backbone(),
                        network.backbone().inputHeight(),
                        network.backbone().inputWidth()),
                network.backbone().torchNames());
        Map<String, Map<String, INDArray>> loaded =
                WeightsLoader.load(network.weights(), network.backbone().pretrainedWeights(), layers);
        // of a file that fits: of another network's, its name says more
        if (network.weights() instanceof Weights.FromFile file) {
            checkNormalization(network.backbone(), given, file.path(), !isGiven);
        }
        return loaded;
    }

    /**
     * What a caller has named himself, he may have reasons for; a default is not silently wrong. A model of Keras may scale
     * pixels in more steps than its weights tell of, so that its own preprocessing is not refused.
     */
    private static void checkNormalization(Backbone backbone, ImagePreprocessing given, Path file, boolean described) {
        WeightsLoader.normalizationBesides(file, given).ifPresent(normalization -> {
            if (described && given.equals(backbone.preprocessing())) {
                throw new WeightsException(
                        file,
                        "was trained behind " + normalization + ", but the preprocessing is " + given
                                + ": name the right one with TransferLearner.preprocessing(...)");
            }
            LOG.warn("{} was trained behind {}, but the preprocessing is {}", file, normalization, given);
        });
    }

    /** What this library wrote says what is right; of torchvision and timm it is known, whatever Keras' weights want. */
    private static void warnOfPreprocessing(Settings.NetworkSettings network, ImagePreprocessing given) {
        if (!(network.weights() instanceof Weights.FromFile file)) {
            return;
        }
        Optional<WeightsOrigin> origin = WeightsLoader.origin(file.path());
        if (origin.isPresent()) {
            origin.get()
                    .preprocessing()
                    .filter(right -> !right.equals(given))
                    .ifPresent(right -> LOG.warn(
                            "the weights in {} were trained with the preprocessing {}, but it is {} now",
                            file.path(),
                            right,
                            given));
        } else if (given.equals(ImagePreprocessing.caffe()) && WeightsLoader.isByTorch(file.path())) {
            LOG.warn(
                    "{} is by PyTorch, whose weights are trained with ImagePreprocessing.torch(), but the preprocessing is"
                            + " {}: name the right one with TransferLearner.preprocessing(...)",
                    file.path(),
                    given);
        }
    }

    /** Fills a part of the network. */
    public WeightedNetwork fill(Network part) {
        Map<String, Map<String, INDArray>> parameters = ParameterValues.zeros(part);
        fill(part, parameters);
        return new WeightedNetwork(part, parameters);
    }

    /** Fills the parameters of a part of the network, which are given as {@link ParameterValues} has them. */
    public void fill(Network part, Map<String, Map<String, INDArray>> parameters) {
        Map<String, Map<String, INDArray>> notLoaded = new LinkedHashMap<>(parameters);
        Map<String, Map<String, INDArray>> known = new LinkedHashMap<>(loaded);
        known.keySet().removeIf(layer -> !fits(loaded.get(layer), parameters.get(layer)));
        boolean otherClasses = start != null && !start.hasLearnedAll();
        if (otherClasses) {
            known.remove(NetworkPlan.OUTPUT);
        }
        notLoaded.keySet().removeAll(known.keySet());
        InitialWeights.fill(part, notLoaded, seed);
        ParameterValues.copy(known, parameters);
        Map<String, INDArray> output = parameters.get(NetworkPlan.OUTPUT);
        if (otherClasses && output != null && start != null && !start.keepOutputs(output)) {
            LOG.warn("the output layer of another head begins anew for all classes, also for those that were learned");
        }
    }

    /** Whether a layer is as the classifier or regressor has it that is gone on from. */
    public boolean areLearned(Map<String, INDArray> output) {
        return start != null && fits(start.parameters().get(NetworkPlan.OUTPUT), output);
    }

    /** A head for other classes, or with other layers, begins anew where the shapes differ. */
    private static boolean fits(@Nullable Map<String, INDArray> some, @Nullable Map<String, INDArray> others) {
        return some != null && others != null && shapes(some).equals(shapes(others));
    }

    private static Map<String, String> shapes(Map<String, INDArray> parameters) {
        Map<String, String> shapes = new LinkedHashMap<>();
        parameters.forEach((name, value) -> shapes.put(name, Arrays.toString(value.shape())));
        return shapes;
    }

    /**
     * What a training goes on from that begins with a classifier: copies, so that the classifier may be closed.
     *
     * @param parameters of the whole network, as {@code ParameterValues} has them
     * @param learned the classes of these parameters, in the order of the outputs
     * @param classNames the classes to go on with, in the order of the outputs to be
     * @param history of the training so far
     * @param optimizer whose memory there is, null where there is none
     * @param memory what that optimizer remembers
     * @param batchStatistics whether its batch normalization was trained by the batches' statistics
     * @param regression whether the outputs are numbers, and the classes the names of these
     */
    public record LearnedStart(
            Map<String, Map<String, INDArray>> parameters,
            List<String> learned,
            List<String> classNames,
            TrainingHistory history,
            @Nullable Optimizer optimizer,
            UpdaterState memory,
            boolean batchStatistics,
            boolean regression) {
        /** The same for other classes; what the optimizer remembers is forgotten. */
        public LearnedStart forClasses(List<String> others) {
            return new LearnedStart(parameters, learned, others, history, null, memory, batchStatistics, regression);
        }

        /** The same but for the output layer, which begins anew for outputs of the other kind. */
        public LearnedStart withoutOutput(List<String> others) {
            Map<String, Map<String, INDArray>> below = new LinkedHashMap<>(parameters);
            below.remove(NetworkPlan.OUTPUT);
            return new LearnedStart(below, others, others, history, null, memory, batchStatistics, !regression);
        }

        /** Whether the classes to go on with are those that were learned. */
        boolean hasLearnedAll() {
            return classNames.equals(learned);
        }

        /**
         * Puts what was learned of the classes that stay into an output layer for the classes to be.
         *
         * @return whether it is there: another head has another layer below its output
         */
        boolean keepOutputs(Map<String, INDArray> output) {
            Map<String, INDArray> before = parameters.getOrDefault(NetworkPlan.OUTPUT, Map.of());
            boolean fits = output.entrySet().stream().allMatch(entry -> {
                INDArray own = before.get(entry.getKey());
                INDArray value = entry.getValue();
                return own != null && own.rank() == value.rank() && (own.rank() == 1 || own.size(1) == value.size(1));
            });
            if (fits) {
                output.forEach((name, value) -> {
                    INDArray own = Objects.requireNonNull(before.get(name), name);
                    for (int i = 0; i < classNames.size(); i++) {
                        int known = learned.indexOf(classNames.get(i));
                        if (known >= 0 && value.rank() == 1) {
                            value.putScalar(i, own.getFloat(known));
                        } else if (known >= 0) {
                            value.getRow(i).assign(own.getRow(known));
                        }
                    }
                });
            }
            return fits;
        }

        /** How many phases came before. */
        public int phases() {
            return history.last().map(EpochRecord::phase).orElse(0);
        }

        /** Whether an optimizer can go on with what this one remembers. */
        public boolean isRememberedBy(Optimizer other) {
            return optimizer != null
                    && optimizer.updater().getClass().equals(other.updater().getClass());
        }
    }
}
