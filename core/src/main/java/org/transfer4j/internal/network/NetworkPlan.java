package org.transfer4j.internal.network;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A whole network, backbone and head, and where it is cut: the frozen trunk below, the trainable tail above. Only
 * configurations; nothing here holds weights.
 *
 * <p>The cut lies above the head's leading layers without parameters (flatten, global pooling), so that what is cached
 * per image is as small as it can be.
 */
public final class NetworkPlan {
    /** The name of the output layer. */
    public static final String OUTPUT = GraphAssembler.OUTPUT;

    private final String name;
    private final ComputationGraphConfiguration graph;
    private final InputType.InputTypeConvolutional input;
    private final Set<String> frozen;
    private final @Nullable String cut;

    private NetworkPlan(
            String name,
            ComputationGraphConfiguration graph,
            InputType.InputTypeConvolutional input,
            Set<String> frozen,
            @Nullable String cut) {
        this.name = name;
        this.graph = graph;
        this.input = input;
        this.frozen = Set.copyOf(frozen);
        this.cut = cut;
    }

    /** Plans a network for training. */
    public static NetworkPlan of(
            Backbone backbone, int height, int width, Head head, int classes, Freeze freeze, IUpdater updater) {
        InputType.InputTypeConvolutional input = inputType(height, width);
        ComputationGraphConfiguration body = backbone(backbone, height, width);
        String frozenUpTo = lastFrozen(backbone, body, freeze);
        GraphAssembler.Assembled whole = GraphAssembler.assemble(body, input, head, classes, updater);
        Graphs.setUpdater(whole.graph(), updater);
        String cut = frozenUpTo;
        if (frozenUpTo != null && frozenUpTo.equals(body.getNetworkOutputs().get(0))) {
            cut = pastLayersWithoutParameters(whole, frozenUpTo);
        }
        Set<String> frozen = frozenUpTo == null ? Set.of() : Subgraph.upTo(body, frozenUpTo);
        return new NetworkPlan(backbone.name(), whole.graph(), input, frozen, cut);
    }

    /**
     * Restores the plan of a network that was assembled before, from what a model file holds.
     *
     * @throws IllegalArgumentException if there are no such layers, or the network is not one that this class assembled
     */
    public static NetworkPlan restored(
            String name,
            ComputationGraphConfiguration graph,
            int height,
            int width,
            Collection<String> frozen,
            @Nullable String cut) {
        for (String layer : frozen) {
            Vertices.vertex(graph, layer);
        }
        if (!graph.getNetworkOutputs().equals(List.of(OUTPUT)) || !AssembledHead.givesProbabilities(graph)) {
            throw new IllegalArgumentException("a classifier has one output, " + OUTPUT
                    + ", of softmax or sigmoid, but the network has " + graph.getNetworkOutputs());
        }
        if (cut != null && (cut.equals(OUTPUT) || !Subgraph.isCutPoint(graph, cut))) {
            throw new IllegalArgumentException("the network can't be cut at " + cut);
        }
        return new NetworkPlan(name, graph, inputType(height, width), new TreeSet<>(frozen), cut);
    }

    /** The frozen part of a backbone alone, without a head: what computes features. Empty if nothing is frozen. */
    public static Optional<ComputationGraphConfiguration> frozenPart(
            Backbone backbone, int height, int width, Freeze freeze) {
        ComputationGraphConfiguration body = backbone(backbone, height, width);
        return Optional.ofNullable(lastFrozen(backbone, body, freeze)).map(last -> Subgraph.below(body, last));
    }

    /** The backbone's graph at an input size, ended early where the backbone says so. */
    public static ComputationGraphConfiguration backbone(Backbone backbone, int height, int width) {
        ComputationGraphConfiguration whole = backbone.topology().configure(height, width);
        if (whole.getNetworkInputs().size() != 1 || whole.getNetworkOutputs().size() != 1) {
            throw new IllegalArgumentException("a backbone has one input and one output, " + backbone.name() + " has "
                    + whole.getNetworkInputs() + " and " + whole.getNetworkOutputs());
        }
        try {
            NetworkSize.of(whole, height, width);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    backbone.name() + " can't take images of " + height + "x" + width + ": " + e.getMessage(), e);
        }
        backbone.cutPoints().forEach(layer -> known(backbone, whole, layer));
        return backbone.lastLayer()
                .map(last -> Subgraph.below(whole, known(backbone, whole, last)))
                .orElse(whole);
    }

    /**
     * The freeze that leaves a layer and all above it to be trained.
     *
     * @throws IllegalArgumentException if there is no such layer, or a connection leads around what is below it
     */
    public static Freeze freezeBelow(Backbone backbone, int height, int width, String layer) {
        ComputationGraphConfiguration body = backbone(backbone, height, width);
        List<String> inputs = body.getVertexInputs().getOrDefault(known(backbone, body, layer), List.of());
        if (inputs.size() == 1 && body.getNetworkInputs().contains(inputs.get(0))) {
            return Freeze.NONE;
        }
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "a phase begins at a layer with one input; " + layer + " of " + backbone.name() + " has " + inputs);
        }
        Freeze below = Freeze.upTo(inputs.get(0));
        checkFreeze(backbone, height, width, below);
        return below;
    }

    /** The layers of a backbone that a freeze leaves to be trained and that have parameters, from the lowest up. */
    public static List<String> trainedLayers(Backbone backbone, int height, int width, Freeze freeze) {
        ComputationGraphConfiguration body = backbone(backbone, height, width);
        String last = lastFrozen(backbone, body, freeze);
        Set<String> frozen = last == null ? Set.of() : Subgraph.upTo(body, last);
        return Vertices.inOrder(body).stream()
                .filter(name -> !frozen.contains(name))
                .filter(name -> Vertices.vertex(body, name).numParams(true) > 0)
                .toList();
    }

    /** Checks a freeze against a backbone: the layer must be there, and nothing may lead around it. */
    public static void checkFreeze(Backbone backbone, int height, int width, Freeze freeze) {
        lastFrozen(backbone, backbone(backbone, height, width), freeze);
    }

    private static @Nullable String lastFrozen(Backbone backbone, ComputationGraphConfiguration body, Freeze freeze) {
        if (freeze.all()) {
            return body.getNetworkOutputs().get(0);
        }
        if (freeze.layer() == null) {
            return null;
        }
        String layer = known(backbone, body, freeze.layer());
        if (!Subgraph.isCutPoint(body, layer)) {
            throw new IllegalArgumentException("freezeUpTo needs a layer through which everything above it passes; "
                    + layer + " of " + backbone.name() + " has a connection around it. Such layers are "
                    + Vertices.inOrder(body).stream()
                            .filter(name -> Subgraph.isCutPoint(body, name))
                            .toList()
                    + blockEnds(backbone, body));
        }
        return layer;
    }

    private static String known(Backbone backbone, ComputationGraphConfiguration graph, String layer) {
        if (!graph.getVertices().containsKey(layer)) {
            throw new IllegalArgumentException(backbone.name() + " has no layer named \"" + layer
                    + "\"; its layers are " + Vertices.inOrder(graph) + blockEnds(backbone, graph));
        }
        return layer;
    }

    private static String blockEnds(Backbone backbone, ComputationGraphConfiguration graph) {
        List<String> ends = backbone.cutPoints().stream()
                .filter(graph.getVertices()::containsKey)
                .toList();
        return ends.isEmpty() ? "" : "; its blocks end at " + ends;
    }

    private static String pastLayersWithoutParameters(GraphAssembler.Assembled whole, String last) {
        String cut = last;
        for (String vertex : whole.headVertices()) {
            if (Vertices.vertex(whole.graph(), vertex).numParams(true) > 0 || vertex.startsWith("dropout")) {
                break;
            }
            cut = vertex;
        }
        return cut;
    }

    private static InputType.InputTypeConvolutional inputType(int height, int width) {
        return (InputType.InputTypeConvolutional) InputType.convolutional(height, width, 3);
    }

    /** Whether an image may have several classes: the output is sigmoid's, not softmax's. */
    public boolean isMultiLabel() {
        return AssembledHead.isMultiLabel(graph);
    }

    /** The head that was put on the backbone, without its number of classes. */
    public Head head() {
        return AssembledHead.of(graph).head();
    }

    /**
     * The backbone below the head, as a descriptor of its own.
     *
     * @param preprocessing what is done to its images
     */
    public Backbone backbone(ImagePreprocessing preprocessing) {
        ComputationGraphConfiguration body =
                Subgraph.below(graph, AssembledHead.of(graph).backboneOutput());
        return Backbone.builder(name, (height, width) -> {
                    if (height != height() || width != width()) {
                        throw new IllegalArgumentException("the network of a classifier takes images of " + height()
                                + "x" + width() + ", got " + height + "x" + width);
                    }
                    return body.clone();
                })
                .inputSize(height(), width())
                .preprocessing(preprocessing)
                .build();
    }

    /** The backbone's name. */
    public String name() {
        return name;
    }

    /** The whole network. */
    public ComputationGraphConfiguration graph() {
        return graph;
    }

    /** The input's height in pixels. */
    public int height() {
        return Math.toIntExact(input.getHeight());
    }

    /** The input's width in pixels. */
    public int width() {
        return Math.toIntExact(input.getWidth());
    }

    /** The number of classes. */
    public int classes() {
        InputType.InputTypeFeedForward output =
                (InputType.InputTypeFeedForward) Vertices.outputType(graph, input, GraphAssembler.OUTPUT);
        return Math.toIntExact(output.getSize());
    }

    /** The frozen layers. */
    public Set<String> frozen() {
        return frozen;
    }

    /** The vertex at the cut, empty if nothing is frozen. */
    public Optional<String> cut() {
        return Optional.ofNullable(cut);
    }

    /** The part below the cut, empty if nothing is frozen. */
    public Optional<ComputationGraphConfiguration> trunk() {
        return cut().map(vertex -> Subgraph.below(graph, vertex));
    }

    /** The part above the cut. */
    public ComputationGraphConfiguration tail() {
        return cut().map(vertex -> Subgraph.above(graph, vertex)).orElseGet(graph::clone);
    }

    /** The shape of what passes the cut, one image, without the batch dimension. */
    public long[] featureShape() {
        return cut == null ? Vertices.shape(input) : Vertices.outputShape(graph, input, cut);
    }

    /**
     * The network as a table.
     *
     * @param preprocessing what is done to its images, for the last line
     */
    public String summary(ImagePreprocessing preprocessing) {
        return SummaryTable.of(this) + System.lineSeparator() + "Preprocessing: " + preprocessing;
    }

    Map<String, InputType> outputTypes() {
        return graph.getLayerActivationTypes(input);
    }
}
