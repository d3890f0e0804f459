package org.transfer4j.internal.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.dl4j.Dl4jJson;
import org.transfer4j.internal.network.DependencyOrder;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;

/** The part of someone's network that makes features, for any input size. */
public final class ImportedGraph {
    private static final int CHANNELS = 3;
    private static final String OTHER_SIZE =
            "; in ConvolutionMode.Strict only some sizes fit: TransferLearner.inputSize"
                    + " names another, and where no square up to 1024x1024 fits,"
                    + " Backbone.builder(name, topology).inputSize(height, width) does";

    private final SourceNetwork network;
    private final ImageVertices images;
    private final String lastLayer;
    private final String input;
    private final InputSize size;
    private final int minimumSize;

    /** Whether a layer refuses images of which its windows leave something over. */
    private final boolean strict;

    private ImportedGraph(SourceNetwork network, ImageVertices images, String lastLayer) {
        this.network = network;
        this.images = images;
        this.lastLayer = lastLayer;
        Set<String> needed = DependencyOrder.of(List.of(lastLayer), images::inputs);
        List<String> inputs = network.configuration().getNetworkInputs().stream()
                .filter(needed::contains)
                .toList();
        if (inputs.size() != 1) {
            throw refused("it has one input, but the network has " + inputs);
        }
        this.input = inputs.get(0);
        this.strict = needed.stream()
                .map(network.configuration().getVertices()::get)
                .anyMatch(vertex -> mode(Graphs.layer(vertex)) == ConvolutionMode.Strict);
        this.size = InputSize.of(network.configuration(), images, this);
        int most = Math.min(size.height(), size.width());
        // of sizes that leave nothing over, some fit between some that don't
        this.minimumSize = strict
                ? IntStream.range(1, most)
                        .filter(side -> fits(side, side))
                        .findFirst()
                        .orElse(most)
                : NetworkSize.smallest(side -> fits(side, side), most);
    }

    /**
     * Takes the part.
     *
     * @param upTo the vertex that gives the features, empty for the last that gives images
     * @throws IllegalArgumentException if there is no such vertex (the message lists the names), or the network can't be a
     *     backbone
     */
    public static ImportedGraph of(SourceNetwork network, Optional<String> upTo) {
        ImageVertices images = new ImageVertices(network.configuration());
        String last = upTo.orElseGet(images::last);
        if (!network.configuration().getVertices().containsKey(last)) {
            throw new IllegalArgumentException(network.name() + " has no layer named \"" + last + "\"; its layers are "
                    + network.configuration().getVertices().keySet());
        }
        if (!images.isImage(last)) {
            throw new IllegalArgumentException(
                    "features are images, [N, C, H, W], but " + last + " of " + network.name() + " gives none");
        }
        ImportedGraph graph = new ImportedGraph(network, images, last);
        graph.check();
        return graph;
    }

    /** The first vertex that gives images; empty if there is none. */
    public static Optional<String> anyImages(SourceNetwork network) {
        ImageVertices images = new ImageVertices(network.configuration());
        return DependencyOrder.of(network.configuration().getVertices().keySet(), images::inputs).stream()
                .filter(images::isImage)
                .findFirst();
    }

    /** All that would otherwise be found out after hours: in training, or when the classifier is saved. */
    private void check() {
        ComputationGraphConfiguration made = configure(height(), width());
        made.getVertices().forEach((name, vertex) -> {
            GraphVertex own = network.configuration().getVertices().get(name);
            if (own == null) {
                return;
            }
            checkAxes(name, Graphs.thawed(own));
            if (Graphs.layer(own) instanceof FeedForwardLayer before
                    && Graphs.layer(vertex) instanceof FeedForwardLayer after
                    && before.getNIn() > 0
                    && before.getNIn() != after.getNIn()) {
                throw refused("its images have " + CHANNELS + " channels, so that " + name + " would get "
                        + after.getNIn() + ", but it takes " + before.getNIn());
            }
        });
        try {
            Dl4jJson.graph(null, made.toJson());
        } catch (ModelFileException e) {
            throw new IllegalArgumentException(network.name() + " can't be a backbone: " + e.getMessage(), e);
        }
    }

    /** What DL4J does along axes that are not the channels' where the layout is not turned to [N, C, H, W] with it. */
    private void checkAxes(String name, GraphVertex vertex) {
        boolean image = images.isImage(name);
        boolean channelsLast = image && images.areChannelsLast();
        int rank = image ? 4 : 2;
        int channels = channelsLast ? 3 : 1;
        if (vertex instanceof MergeVertex merge && Math.floorMod(merge.getMergeAxis(), rank) != channels) {
            throw refused(name + " merges along axis " + merge.getMergeAxis() + ", and only channels are merged, axis "
                    + channels + (channelsLast ? " of [N, H, W, C]" : ""));
        }
        if (channelsLast && vertex instanceof SubsetVertex) {
            throw refused(name + " takes rows of images [N, H, W, C], and only channels are taken");
        }
        if (channelsLast) {
            checkRows(name, Graphs.layer(vertex));
        }
    }

    private void checkRows(String name, @Nullable Layer layer) {
        if (layer instanceof PReLULayer) {
            throw refused(name + " has slopes for images [N, H, W, C], and only those for [N, C, H, W] are read");
        }
        IActivation activation = layer instanceof ActivationLayer alone
                ? alone.getActivationFn()
                : layer instanceof BaseLayer weighted ? weighted.getActivationFn() : null;
        if (activation instanceof ActivationSoftmax) {
            throw refused(
                    name + " has DL4J's softmax of rows of images [N, H, W, C], and only that of channels is known");
        }
    }

    private static @Nullable ConvolutionMode mode(@Nullable Layer layer) {
        return layer instanceof ConvolutionLayer convolution
                ? convolution.getConvolutionMode()
                : layer instanceof SubsamplingLayer pooling ? pooling.getConvolutionMode() : null;
    }

    /** The height of the input. */
    public int height() {
        return size.height();
    }

    /** The width of the input. */
    public int width() {
        return size.width();
    }

    /** The smallest input at which each layer has an output. */
    public int minimumSize() {
        return minimumSize;
    }

    /** Whether the network's own top averages the last images, or flattens them; empty where it does neither. */
    public Optional<Boolean> averaged() {
        return images.averaged(lastLayer);
    }

    /** The graph that makes the features of images of a size. */
    public ComputationGraphConfiguration configure(int height, int width) {
        return configure(lastLayer, height, width, false);
    }

    /** The same as ours. */
    public Network network(int height, int width) {
        return Dl4jNetwork.network(configure(height, width), Shape.of(CHANNELS, height, width));
    }

    /** With windows that may leave something over, if it is lenient. */
    private ComputationGraphConfiguration configure(String last, int height, int width, boolean lenient) {
        ComputationGraphConfiguration.GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs(input)
                .setInputTypes(InputType.convolutional(height, width, CHANNELS));
        Set<String> needed = DependencyOrder.of(List.of(last), images::inputs);
        needed.removeAll(network.configuration().getNetworkInputs());
        for (String name : needed) {
            List<String> inputs = network.configuration().getVertexInputs().getOrDefault(name, List.of());
            GraphVertex vertex = network.configuration().getVertices().get(name);
            if (vertex == null) {
                throw refused("it names a layer " + name + " and has none");
            }
            GraphVertex copy = copy(vertex, inputs.contains(input));
            if (lenient && copy instanceof LayerVertex layer) {
                relax(layer.getLayerConf().getLayer());
            }
            graph.addVertex(name, copy, inputs.toArray(String[]::new));
        }
        try {
            return graph.setOutputs(last).validateOutputLayerConfig(false).build();
        } catch (RuntimeException e) {
            // DL4J's exceptions about configurations have no common class
            throw new IllegalArgumentException(
                    network.name() + " can't take images of " + height + "x" + width + ": " + e.getMessage()
                            + (strict ? OTHER_SIZE : ""),
                    e);
        }
    }

    private static void relax(Layer layer) {
        if (layer instanceof ConvolutionLayer convolution && mode(layer) == ConvolutionMode.Strict) {
            convolution.setConvolutionMode(ConvolutionMode.Truncate);
        } else if (layer instanceof SubsamplingLayer pooling && mode(layer) == ConvolutionMode.Strict) {
            pooling.setConvolutionMode(ConvolutionMode.Truncate);
        }
    }

    /**
     * A vertex of someone's network as one of a backbone.
     *
     * @param first whether it takes the network's input, which is never flat here
     */
    private static GraphVertex copy(GraphVertex vertex, boolean first) {
        if (vertex instanceof FrozenVertex frozen) {
            return copy(frozen.getUnderlying(), first);
        }
        if (vertex instanceof MergeVertex) {
            // DL4J keeps the axis of the layout that it saw first; it is that of the channels
            return new MergeVertex();
        }
        GraphVertex copy = vertex.clone();
        if (copy instanceof LayerVertex layer) {
            layer.getLayerConf().setLayer(Graphs.thawed(layer.getLayerConf().getLayer()));
            if (first && layer.getPreProcessor() instanceof FeedForwardToCnnPreProcessor) {
                layer.setPreProcessor(null);
            }
        }
        return copy;
    }

    /** Whether the windows leave nothing over where the network does not allow it. */
    boolean leavesNothingOver(int height, int width) {
        return !strict || fits(height, width);
    }

    /** Not as DL4J counts, which has a window fit an image that is a pixel too small. */
    private boolean fits(int height, int width) {
        try {
            network(height, width);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * The shape of a vertex' output at an input size, empty where the input is too small for it; what its windows leave
     * over does not matter.
     */
    Optional<InputType.InputTypeConvolutional> outputOf(String vertex, int height, int width) {
        try {
            InputType type = configure(vertex, height, width, true)
                    .getLayerActivationTypes(InputType.convolutional(height, width, CHANNELS))
                    .get(vertex);
            return type instanceof InputType.InputTypeConvolutional image
                            && image.getHeight() > 0
                            && image.getWidth() > 0
                    ? Optional.of(image)
                    : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private IllegalArgumentException refused(String rule) {
        return new IllegalArgumentException(network.name() + " can't be a backbone: " + rule);
    }

    /**
     * The weights.
     *
     * @param features this network at an input size
     * @return as {@link org.transfer4j.internal.network.ParameterValues} has them, not copies where DL4J's can be seen so
     * @throws IllegalArgumentException if the network has others
     */
    public Map<String, Map<String, INDArray>> weights(Network features) {
        try {
            return Dl4jParameters.ofLayers(features, network.parameters()).values();
        } catch (IllegalArgumentException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
    }
}
