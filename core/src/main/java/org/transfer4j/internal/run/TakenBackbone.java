package org.transfer4j.internal.run;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.BackboneSource;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.error.WeightsException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jModelFile;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.ImportedGraph;
import org.transfer4j.internal.dl4j.SourceNetwork;
import org.transfer4j.internal.format.keras.KerasModel;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.NetworkTopology;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A backbone as a learner takes it: where it was given by a network, that is read here, and a description made of it.
 *
 * @param backbone a description
 * @param weights what came with the network, null for a description without
 */
public record TakenBackbone(Backbone backbone, TakenBackbone.@Nullable OwnWeights weights) {
    /** The weights that come with a backbone's network, from its file or in memory. */
    @FunctionalInterface
    public interface OwnWeights {
        /**
         * Reads them.
         *
         * @param expected the backbone's layers with DL4J's names of their parameters and their shapes
         * @return arrays of those names and shapes
         */
        Map<String, Map<String, INDArray>> load(Map<String, Map<String, long[]>> expected);
    }

    /** Reads the network's description, where it is not one already, and proves that it can be computed. */
    public static TakenBackbone of(Backbone backbone) {
        BackboneSource source = backbone.source().orElse(null);
        if (source == null) {
            return new TakenBackbone(backbone, null);
        }
        FirstUse.ND4J.start();
        Optional<String> upTo = backbone.lastLayer();
        if (source instanceof BackboneSource.KerasModel keras) {
            return keras(keras, upTo);
        }
        if (source instanceof BackboneSource.Dl4jModel model) {
            return dl4jFile(backbone.name(), model.file(), upTo);
        }
        return dl4j(backbone.name(), ImportedGraph.of(network(backbone.name(), source), upTo));
    }

    private static SourceNetwork network(String name, BackboneSource source) {
        if (source instanceof BackboneSource.Dl4jGraph graph) {
            return new SourceNetwork(name, graph.configuration(), graph.parameters());
        }
        BackboneSource.Dl4jLayers layers = (BackboneSource.Dl4jLayers) source;
        return SourceNetwork.of(name, layers.configuration(), layers.parameters());
    }

    /** What is wrong with a file is said as such, but for a wrong {@code upTo}, which is not the file's fault. */
    private static Function<RuntimeException, RuntimeException> refusal(
            Optional<String> upTo, Function<RuntimeException, TransferException> damage) {
        return e -> upTo.isPresent() && e instanceof IllegalArgumentException ? e : damage.apply(e);
    }

    private static TakenBackbone dl4jFile(String name, Path file, Optional<String> upTo) {
        SourceNetwork network = Dl4jModelFile.read(file);
        Function<RuntimeException, RuntimeException> refused = refusal(
                upTo, e -> new ModelFileException(file, "is no network that can be a backbone: " + e.getMessage(), e));
        TakenBackbone taken =
                refusing(refused, () -> proven(file, dl4j(name, ImportedGraph.of(network, upTo)), refused));
        OwnWeights weights = Objects.requireNonNull(taken.weights());
        return new TakenBackbone(taken.backbone(), expected -> refusing(refused, () -> weights.load(expected)));
    }

    private static TakenBackbone dl4j(String name, ImportedGraph graph) {
        Backbone whole = Backbone.builder(name, graph::configure)
                .inputSize(graph.height(), graph.width())
                .minimumSize(graph.minimumSize())
                .preprocessing(ImagePreprocessing.none())
                .defaultHead(head(graph.averaged(), graph.network(graph.height(), graph.width())))
                .build();
        return new TakenBackbone(whole, graph::weights);
    }

    private static TakenBackbone keras(BackboneSource.KerasModel source, Optional<String> upTo) {
        Path file = source.file();
        Function<RuntimeException, RuntimeException> refused =
                refusal(upTo, e -> new WeightsException(file, "can't be computed: " + e.getMessage(), e));
        KerasModel model = refusing(refused, () -> KerasModel.read(file));
        KerasModel.Features features = refusing(refused, () -> model.upTo(upTo));
        Backbone whole = Backbone.builder(model.name(), new NetworkTopology(features::network))
                .inputSize(model.height(), model.width())
                .minimumSize(features.minimumSize())
                .preprocessing(model.preprocessing())
                .defaultHead(refusing(
                        refused, () -> head(features.averaged(), features.network(model.height(), model.width()))))
                .build();
        OwnWeights weights = expected -> {
            Map<String, Map<String, INDArray>> tables = new LinkedHashMap<>();
            expected.forEach((layer, shapes) -> {
                Map<String, INDArray> table = new LinkedHashMap<>();
                shapes.forEach((name, shape) -> table.put(name, Nd4j.zeros(DataType.FLOAT, shape)));
                tables.put(layer, table);
            });
            Dl4jNetwork.of(features.network(model.height(), model.width())).assign(features.values(), tables);
            return tables;
        };
        return proven(file, new TakenBackbone(whole, weights), refused);
    }

    /** A file's network at its own input size: layers, shapes and the memory for one image. */
    private static TakenBackbone proven(
            Path file, TakenBackbone taken, Function<RuntimeException, RuntimeException> refused) {
        int height = taken.backbone().inputHeight();
        int width = taken.backbone().inputWidth();
        Network network = refusing(refused, () -> NetworkPlan.wholeBackbone(taken.backbone(), height, width));
        NetworkSize.of(network).requireMemory(file, height, width);
        // what DL4J can't say is not saved yet
        refusing(refused, () -> Dl4jWriter.write(network, new NoOp()));
        return taken;
    }

    private static <T> T refusing(Function<RuntimeException, RuntimeException> refused, Supplier<T> step) {
        try {
            return step.get();
        } catch (TransferException e) {
            throw e;
        } catch (RuntimeException e) {
            // DL4J's readers and builders throw anything
            throw refused.apply(e);
        }
    }

    /**
     * What the network's own top does; of a network without one, what those of its family do: networks with branches or
     * batch normalization average their last images, a plain row of convolutions, as VGG is, flattens them.
     */
    private static Head head(Optional<Boolean> averaged, Network features) {
        boolean average = averaged.orElseGet(() -> features.nodes().values().stream()
                .anyMatch(node -> node.inputs().size() > 1 || node.op() instanceof Op.Normalization));
        return average ? Head.globalAveragePooling() : Head.flatten();
    }
}
