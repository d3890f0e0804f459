package org.transfer4j;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.feature.LabelSets;
import org.transfer4j.internal.model.ModelArchive;
import org.transfer4j.internal.model.ModelContents;
import org.transfer4j.internal.model.NetworkDescription;
import org.transfer4j.internal.model.TopologyReader;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.Tails;
import org.transfer4j.internal.tail.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** A classifier as the contents of a model file, and back. */
final class SavedModel {
    private static final Logger LOG = LoggerFactory.getLogger(SavedModel.class);

    private SavedModel() {}

    static void write(Path file, FittedNetwork network, TrainingHistory history, @Nullable TrainingSettings settings) {
        if (settings != null && settings.optimizer() != null && !TrainingSettings.isStorable(settings.optimizer())) {
            LOG.warn(
                    "{}: the optimizer {} can't be stored: a further training of the model that is loaded has to be told"
                            + " its optimizer",
                    file,
                    settings.optimizerText());
        }
        NetworkPlan plan = network.plan();
        Map<String, INDArray> weights = new LinkedHashMap<>();
        network.parameters()
                .forEach((layer, parameters) ->
                        parameters.forEach((name, value) -> weights.put(layer + "/" + name, value)));
        ModelArchive.write(
                file,
                new ModelContents(
                        LibraryVersion.current(),
                        plan.name(),
                        topology(network),
                        new NetworkDescription(
                                plan.height(),
                                plan.width(),
                                3,
                                plan.cut(),
                                plan.frozen().stream().sorted().toList(),
                                network.batchStatistics(),
                                network.precision(),
                                network.recordedAlgorithms()),
                        network.preprocessing().toJson(),
                        network.classNames(),
                        settings == null ? history.toJson() : settings.addTo(history.toJson()),
                        weights));
    }

    /**
     * The whole network's configuration. It is taken from an initialised network, since DL4J notes some properties of
     * its layers only there, and without the updater where that is of a class that model files may not name: it is
     * needed to train on, not to predict.
     */
    private static String topology(FittedNetwork network) {
        ComputationGraphConfiguration whole = network.toComputationGraph().getConfiguration();
        try {
            String json = whole.toJson();
            TopologyReader.read(null, json);
            return json;
        } catch (RuntimeException e) {
            LOG.info("the optimizer is not stored with the model: {}", e.getMessage());
            Graphs.setUpdater(whole, new Sgd());
            return whole.toJson();
        }
    }

    static ImageClassifier read(Path file) {
        NativeThreads.applyToNd4j();
        ModelContents contents = ModelArchive.read(file);
        try {
            return restored(file, contents);
        } catch (TransferException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ModelFileException(file, "its parts contradict each other: " + e.getMessage(), e);
        } finally {
            contents.weights().values().forEach(INDArray::close);
        }
    }

    private static ImageClassifier restored(Path file, ModelContents contents) {
        NetworkDescription description = contents.network();
        NetworkPlan plan = NetworkPlan.restored(
                contents.backbone(),
                TopologyReader.read(file, contents.topology()),
                description.inputHeight(),
                description.inputWidth(),
                description.frozenLayers(),
                description.cutVertex().orElse(null));
        requireFitting(file, plan, contents);
        Map<String, Map<String, INDArray>> parameters = byLayer(contents.weights());
        ComputationGraph frozen = plan.trunk().map(Graphs::instantiate).orElse(null);
        Tail tail =
                Tails.create(plan.tail(), Optimizer.sgd(1), loss(plan, contents), 0, description.precision(), Map.of());
        if (frozen != null) {
            fill(file, Graphs.parameters(frozen), parameters);
        }
        fill(file, tail.parameters(), parameters);
        FittedNetwork network = new FittedNetwork(
                plan,
                ImagePreprocessing.fromJson(contents.preprocessing()),
                contents.classNames(),
                description.batchStatistics(),
                frozen,
                description.precision(),
                AlgorithmChoices.TABLE.withRecorded(description.algorithms()),
                tail);
        network.trunk().ifPresent(trunk -> trunk.prepare(1));
        return new ImageClassifier(
                network,
                TrainingHistory.fromJson(contents.history()),
                TrainingSettings.in(contents.history(), contents.classNames()),
                false);
    }

    /** It says how outputs become probabilities; nothing is trained. */
    private static TrainingLoss loss(NetworkPlan plan, ModelContents contents) {
        return plan.isMultiLabel()
                ? TrainingLoss.binary(Loss.binaryCrossEntropy(), new LabelSets(contents.classNames()))
                : TrainingLoss.crossEntropy();
    }

    /** What would otherwise be found out after memory was taken for it. */
    private static void requireFitting(Path file, NetworkPlan plan, ModelContents contents) {
        long needed = Graphs.parameterCount(plan.graph());
        long stored =
                contents.weights().values().stream().mapToLong(INDArray::length).sum();
        if (needed != stored) {
            throw new ModelFileException(
                    file, "its topology has " + needed + " parameters, but it holds " + stored + " weights");
        }
        if (plan.classes() != contents.classNames().size()) {
            throw new ModelFileException(
                    file,
                    "its network has " + plan.classes() + " outputs, but it names "
                            + contents.classNames().size() + " classes");
        }
    }

    private static Map<String, Map<String, INDArray>> byLayer(Map<String, INDArray> weights) {
        Map<String, Map<String, INDArray>> layers = new LinkedHashMap<>();
        weights.forEach((name, value) -> {
            int slash = name.lastIndexOf('/');
            layers.computeIfAbsent(name.substring(0, Math.max(0, slash)), layer -> new LinkedHashMap<>())
                    .put(name.substring(slash + 1), value);
        });
        return layers;
    }

    private static void fill(
            Path file, Map<String, Map<String, INDArray>> part, Map<String, Map<String, INDArray>> parameters) {
        part.forEach((layer, expected) -> expected.forEach((name, value) -> {
            INDArray stored = parameters.getOrDefault(layer, Map.of()).get(name);
            if (stored == null || !Arrays.equals(stored.shape(), value.shape())) {
                throw new ModelFileException(
                        file,
                        "the weights " + layer + "/" + name + " must be " + Arrays.toString(value.shape()) + ", found "
                                + (stored == null ? "none" : Arrays.toString(stored.shape())));
            }
            value.assign(stored);
        }));
    }
}
