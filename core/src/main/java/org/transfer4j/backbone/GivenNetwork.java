package org.transfer4j.backbone;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.error.WeightsException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jModelFile;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.ImportedGraph;
import org.transfer4j.internal.dl4j.SourceNetwork;
import org.transfer4j.internal.format.keras.KerasModel;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** A network of someone else's making, read with its weights, which may end at any of its layers that give images. */
final class GivenNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(GivenNetwork.class);

    private final Function<Optional<String>, Backbone.Builder> parts;
    private final Optional<String> anyImages;

    /**
     * Keeps what was read.
     *
     * @param parts describes the backbone that ends at a layer, or at the last that gives images
     * @param anyImages a layer that gives images
     */
    private GivenNetwork(Function<Optional<String>, Backbone.Builder> parts, Optional<String> anyImages) {
        this.parts = parts;
        this.anyImages = anyImages;
    }

    /** A model that Keras saved. */
    static Backbone keras(Path file) {
        FirstUse.ND4J.start();
        Function<RuntimeException, TransferException> damage =
                e -> new WeightsException(file, "can't be computed: " + e.getMessage(), e);
        KerasModel model = blaming(damage, Optional.empty(), () -> KerasModel.read(file));
        return new GivenNetwork(
                        layer -> blaming(damage, layer, () -> part(file, model, model.upTo(layer))), model.anyImages())
                .whole();
    }

    /** A network that DL4J saved. */
    static Backbone dl4j(Path file) {
        FirstUse.ND4J.start();
        Function<RuntimeException, TransferException> damage =
                e -> new ModelFileException(file, "is no network that can be a backbone: " + e.getMessage(), e);
        SourceNetwork network = Dl4jModelFile.read(file);
        return new GivenNetwork(
                        layer -> blaming(damage, layer, () -> {
                            ImportedGraph graph = ImportedGraph.of(network, layer);
                            Network features = graph.network(graph.height(), graph.width());
                            proven(file, features);
                            return part(network.name(), graph, features);
                        }),
                        ImportedGraph.anyImages(network))
                .whole();
    }

    /** A network of DL4J. */
    static Backbone of(SourceNetwork network) {
        return new GivenNetwork(
                        layer -> {
                            ImportedGraph graph = ImportedGraph.of(network, layer);
                            return part(network.name(), graph, graph.network(graph.height(), graph.width()));
                        },
                        ImportedGraph.anyImages(network))
                .whole();
    }

    /** What is wrong with a file is said as such, but for a wrong layer, which is not the file's fault. */
    private static <T> T blaming(
            Function<RuntimeException, TransferException> damage, Optional<String> layer, Supplier<T> step) {
        try {
            return step.get();
        } catch (TransferException e) {
            throw e;
        } catch (RuntimeException e) {
            // DL4J's readers and builders throw anything
            throw layer.isPresent() && e instanceof IllegalArgumentException ? e : damage.apply(e);
        }
    }

    /** A file's network at its own input size: layers, shapes and the memory for one image. */
    private static void proven(Path file, Network network) {
        NetworkSize.of(network)
                .requireMemory(
                        file,
                        network.inputShape().height(),
                        network.inputShape().width());
    }

    private static Backbone.Builder part(Path file, KerasModel model, KerasModel.Features features) {
        Network network = features.network(model.height(), model.width());
        proven(file, network);
        Given given = new Given(
                (height, width) -> Dl4jWriter.write(features.network(height, width), new NoOp()),
                features::network,
                () -> ParameterValues.made(network, features.values()));
        return builder(model.name(), given, network, features.averaged())
                .minimumSize(features.minimumSize())
                .preprocessing(model.preprocessing());
    }

    private static Backbone.Builder part(String name, ImportedGraph graph, Network network) {
        Given given = new Given(graph::configure, graph::network, () -> graph.weights(network));
        return builder(name, given, network, graph.averaged())
                .minimumSize(graph.minimumSize())
                .preprocessing(ImagePreprocessing.none());
    }

    /**
     * The head does what the network's own top does; of a network without one, what those of its family do: networks with
     * branches or batch normalization average their last images, a plain row of convolutions, as VGG is, flattens them.
     */
    private static Backbone.Builder builder(String name, Given given, Network network, Optional<Boolean> averaged) {
        if (network.layers().containsKey(Network.PREDICTIONS)) {
            LOG.warn(
                    "{} has a layer named {}, as the output layer above a backbone is: its features can be computed, but no"
                            + " head can be put on it; give it another name, or end the backbone below it by upTo(layer)",
                    name,
                    Network.PREDICTIONS);
        }
        boolean average = averaged.orElseGet(() -> network.nodes().values().stream()
                .anyMatch(node -> node.inputs().size() > 1 || node.op() instanceof Op.Normalization));
        return Backbone.builder(name, given)
                .inputSize(network.inputShape().height(), network.inputShape().width())
                .defaultHead(average ? Head.globalAveragePooling() : Head.flatten());
    }

    /** Ours and DL4J's view of the network, and what came with it. */
    private record Given(Topology topology, Network.Sized sized, ParameterValues.Given own)
            implements Topology, Network.Sized, ParameterValues.Given {
        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return topology.configure(height, width);
        }

        @Override
        public Network network(int height, int width) {
            return sized.network(height, width);
        }

        @Override
        public Map<String, Map<String, INDArray>> parameters() {
            return own.parameters();
        }
    }

    /**
     * Describes the backbone that ends at a layer.
     *
     * @param layer empty for the last that gives images
     * @throws TransferException if the file's network has no such part that can be computed
     * @throws IllegalArgumentException if there is no layer of that name, or it can't end a backbone
     */
    Backbone.Builder upTo(Optional<String> layer) {
        return parts.apply(layer);
    }

    /** The backbone that ends as the network does; if it can't, one for which {@link Backbone#upTo} has to say where. */
    private Backbone whole() {
        try {
            return new Backbone(upTo(Optional.empty()), null, this, true);
        } catch (TransferException | IllegalArgumentException e) {
            Backbone.Builder below = anyImages.map(layer -> below(layer, e)).orElseThrow(() -> e);
            LOG.info("upTo(layer) must say where the backbone ends: {}", e.getMessage());
            return new Backbone(below, null, this, false);
        }
    }

    private Backbone.Builder below(String layer, RuntimeException whole) {
        try {
            return upTo(Optional.of(layer));
        } catch (TransferException | IllegalArgumentException e) {
            throw whole;
        }
    }
}
