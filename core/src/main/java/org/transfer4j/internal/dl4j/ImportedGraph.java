package org.transfer4j.internal.dl4j;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;

/** The part of someone's network that makes features, for any input size. */
public final class ImportedGraph {
    private static final int CHANNELS = 3;
    private static final Extent DEFAULT_SIZE = new Extent(224, 224);

    /** Larger images are not looked for. */
    private static final int LARGEST = 1024;

    private static final String OTHER_SIZE =
            "; in ConvolutionMode.Strict only some sizes fit: TransferLearner.inputSize"
                    + " names another, and where no square up to 1024x1024 fits,"
                    + " Backbone.builder(name, topology).inputSize(height, width) does";

    private final SourceNetwork network;
    private final ImageVertices images;
    private final String lastLayer;
    private final String input;
    private final Extent size;
    private final int minimumSize;

    /** Whether a layer refuses images of which its windows leave something over. */
    private final boolean strict;

    private ImportedGraph(SourceNetwork network, ImageVertices images, String lastLayer) {
        this.network = network;
        this.images = images;
        this.lastLayer = lastLayer;
        Set<String> needed = Network.inOrder(List.of(lastLayer), images::inputs);
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
        this.size = inputSize();
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
        return Network.inOrder(network.configuration().getVertices().keySet(), images::inputs).stream()
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
        Set<String> needed = Network.inOrder(List.of(last), images::inputs);
        needed.removeAll(network.configuration().getNetworkInputs());
        for (String name : needed) {
            List<String> inputs = images.inputs(name);
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

    /**
     * The size of the images that the network was made for. Its configuration does not keep it, but where images are flattened
     * before a dense layer, or each pixel has a slope, their size there is kept, and where a flat input becomes images, the
     * size itself.
     */
    private Extent inputSize() {
        ComputationGraphConfiguration graph = network.configuration();
        for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
            List<String> inputs = images.inputs(vertex.getKey());
            InputPreProcessor preprocessor = Graphs.preprocessor(vertex.getValue());
            if (preprocessor instanceof FeedForwardToCnnPreProcessor unflatten
                    && graph.getNetworkInputs().containsAll(inputs)) {
                return new Extent((int) unflatten.getInputHeight(), (int) unflatten.getInputWidth());
            }
            Optional<Extent> known = imagesOf(vertex.getValue(), preprocessor);
            if (known.isPresent() && inputs.size() == 1) {
                Optional<Extent> size = search(inputs.get(0), known.get());
                if (size.isPresent()) {
                    return size.get();
                }
            }
        }
        return near(DEFAULT_SIZE);
    }

    /** The size of the images that a vertex reads, where it says so. */
    private static Optional<Extent> imagesOf(GraphVertex vertex, @Nullable InputPreProcessor preprocessor) {
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
            return Optional.of(new Extent((int) flatten.getInputHeight(), (int) flatten.getInputWidth()));
        }
        return preprocessor == null
                        && Graphs.layer(vertex) instanceof PReLULayer slopes
                        && slopes.getInputShape() != null
                        && slopes.getInputShape().length == 3
                        // DL4J has 1 where they are shared
                        && Math.min(slopes.getInputShape()[1], slopes.getInputShape()[2]) > 1
                ? Optional.of(new Extent((int) slopes.getInputShape()[1], (int) slopes.getInputShape()[2]))
                : Optional.empty();
    }

    /** The square that fits and is nearest, the smaller of two; the wanted one where none does. */
    private Extent near(Extent wanted) {
        for (int far = 0; far <= LARGEST; far++) {
            for (int side : new int[] {wanted.height() - far, wanted.height() + far}) {
                if (side >= 1 && side <= LARGEST && leavesNothingOver(side, side)) {
                    return new Extent(side, side);
                }
            }
        }
        return wanted;
    }

    /** The roundest that fits of those at which a vertex gives images of a size; the roundest where none fits. */
    private Optional<Extent> search(String vertex, Extent wanted) {
        List<Integer> heights = roundest(
                wanted.height(),
                side -> outputOf(vertex, side, LARGEST)
                        .map(InputType.InputTypeConvolutional::getHeight)
                        .orElse(0L));
        List<Integer> widths = roundest(
                wanted.width(),
                side -> outputOf(vertex, LARGEST, side)
                        .map(InputType.InputTypeConvolutional::getWidth)
                        .orElse(0L));
        List<Extent> sizes = heights.stream()
                .flatMap(height -> widths.stream().map(width -> new Extent(height, width)))
                .toList();
        return sizes.stream()
                .filter(size -> leavesNothingOver(size.height(), size.width()))
                .findFirst()
                .or(() -> sizes.stream().findFirst());
    }

    /**
     * The sides of an input that give one side of an output, those first that divide by two most often. A larger input
     * never has a smaller output.
     */
    private static List<Integer> roundest(long wanted, IntToLongFunction outputs) {
        int first = NetworkSize.smallest(side -> outputs.applyAsLong(side) >= wanted, LARGEST);
        int last = NetworkSize.smallest(side -> outputs.applyAsLong(side) > wanted, LARGEST) - 1;
        return IntStream.rangeClosed(first, last)
                .boxed()
                .sorted(Comparator.comparing((Integer side) -> -Integer.numberOfTrailingZeros(side)))
                .toList();
    }

    /** Whether the windows leave nothing over where the network does not allow it. */
    private boolean leavesNothingOver(int height, int width) {
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
    private Optional<InputType.InputTypeConvolutional> outputOf(String vertex, int height, int width) {
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

    /** Which vertices of a graph give images; seen from their kinds, whatever the size of the input. */
    private static final class ImageVertices {
        private final ComputationGraphConfiguration graph;
        private final Map<String, Boolean> images = new HashMap<>();

        ImageVertices(ComputationGraphConfiguration graph) {
            this.graph = graph;
            graph.getNetworkInputs().forEach(input -> images.put(input, true));
            for (String name : Network.inOrder(graph.getVertices().keySet(), this::inputs)) {
                GraphVertex vertex = graph.getVertices().get(name);
                if (vertex != null) {
                    images.put(name, givesImages(vertex, inputs(name)));
                }
            }
        }

        List<String> inputs(String name) {
            return graph.getVertexInputs().getOrDefault(name, List.of());
        }

        private boolean givesImages(GraphVertex vertex, List<String> inputs) {
            boolean images = inputs.stream().allMatch(input -> this.images.getOrDefault(input, false));
            InputPreProcessor preprocessor = Graphs.preprocessor(vertex);
            boolean prepared = preprocessor instanceof FeedForwardToCnnPreProcessor
                    || (images && !(preprocessor instanceof CnnToFeedForwardPreProcessor));
            Layer layer = Graphs.layer(vertex);
            return layer == null ? prepared : givesImages(layer, prepared);
        }

        private static boolean givesImages(Layer layer, boolean input) {
            boolean top = layer instanceof BaseOutputLayer
                    || layer instanceof LossLayer
                    || layer instanceof CnnLossLayer
                    || layer instanceof DenseLayer
                    || layer instanceof EmbeddingLayer;
            if (layer instanceof GlobalPoolingLayer pooling) {
                return input && !pooling.isCollapseDimensions();
            }
            return layer instanceof ConvolutionLayer || (input && !top);
        }

        /** Whether its images are [N, H, W, C]: one layer says it for all, as some have no such setting. */
        boolean areChannelsLast() {
            return graph.getVertices().values().stream().anyMatch(Graphs::isChannelsLast);
        }

        boolean isImage(String vertex) {
            return !graph.getNetworkInputs().contains(vertex) && images.getOrDefault(vertex, false);
        }

        /** The last vertex that gives images, on the way back from the output. */
        String last() {
            List<String> outputs = graph.getNetworkOutputs();
            if (outputs.size() != 1) {
                throw new IllegalArgumentException("a backbone has one output, but the network has " + outputs
                        + "; upTo(layer) says where it ends");
            }
            String name = outputs.get(0);
            while (!isImage(name)) {
                List<String> inputs = inputs(name);
                if (inputs.isEmpty()) {
                    throw new IllegalArgumentException(
                            "a backbone has layers that give images, but the network has none");
                }
                if (inputs.size() != 1) {
                    throw new IllegalArgumentException("above the network's images several branches meet, at " + name
                            + " of " + inputs + "; upTo(layer) says where the backbone ends");
                }
                name = inputs.get(0);
            }
            return name;
        }

        /** Whether the network's own top averages images or flattens them; empty where nothing is done to them. */
        Optional<Boolean> averaged(String last) {
            for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
                if (inputs(vertex.getKey()).equals(List.of(last))) {
                    if (Graphs.layer(vertex.getValue()) instanceof GlobalPoolingLayer) {
                        return Optional.of(true);
                    }
                    if (Graphs.preprocessor(vertex.getValue()) instanceof CnnToFeedForwardPreProcessor) {
                        return Optional.of(false);
                    }
                }
            }
            return Optional.empty();
        }
    }
}
