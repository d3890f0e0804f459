package org.transfer4j.internal.plan;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.SummaryTable;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A whole network, backbone and head, and where it is cut: the frozen trunk below, the trainable tail above. Nothing here
 * holds weights.
 *
 * <p>The cut lies above the head's leading layers without parameters (flatten, global pooling), so that what is cached
 * per image is as small as it can be.
 */
public final class NetworkPlan {
    /** The name of the output layer. */
    public static final String OUTPUT = HeadNodes.OUTPUT;

    private final String name;
    private final Network network;
    private final Set<String> frozen;
    private final @Nullable String cut;
    private final AnswerKind answers;

    private NetworkPlan(String name, Network network, Collection<String> frozen, @Nullable String cut) {
        this.name = name;
        this.network = network;
        this.frozen = Set.copyOf(frozen);
        this.cut = cut;
        this.answers = AnswerKind.of(network)
                .orElseThrow(() -> new IllegalArgumentException("a model ends in softmax, sigmoid or a dense layer"));
    }

    /** Plans a network for training. */
    public static NetworkPlan of(Backbone backbone, int height, int width, Head head, int classes, Freeze freeze) {
        SizedBackbone sized = SizedBackbone.of(backbone, height, width);
        Network body = sized.network();
        String frozenUpTo = sized.lastFrozen(freeze).orElse(null);
        Network whole = HeadNodes.assemble(body, head, classes);
        String cut = body.output().equals(frozenUpTo) ? pastLayersWithoutParameters(body, whole) : frozenUpTo;
        if (cut == null && whole.hasOnnx()) {
            throw new IllegalArgumentException(backbone.name() + " is an ONNX model, which is not trained: freezeAll()"
                    + " trains the head on its features. To train the network itself, take a backbone of this library with"
                    + " its weights from a file");
        }
        return new NetworkPlan(backbone.name(), whole, sized.frozenLayers(freeze), cut);
    }

    /**
     * Restores the plan of a network that was assembled before, from what a model file holds.
     *
     * @throws IllegalArgumentException if there are no such layers, or the network is not one that this class assembled
     */
    public static NetworkPlan restored(String name, Network network, Collection<String> frozen, @Nullable String cut) {
        Set<String> layers = network.layers().keySet();
        for (String layer : frozen) {
            if (!layers.contains(layer)) {
                throw new IllegalArgumentException("no layer named \"" + layer + "\" among " + layers);
            }
        }
        if (!network.output().equals(OUTPUT) || AnswerKind.of(network).isEmpty()) {
            throw new IllegalArgumentException("a model has one output, " + OUTPUT
                    + ", of softmax, sigmoid or a dense layer, but the network has [" + network.output() + "]");
        }
        if (cut != null && (cut.equals(OUTPUT) || !layers.contains(cut) || !network.isCutPoint(cut))) {
            throw new IllegalArgumentException("the network can't be cut at " + cut);
        }
        return new NetworkPlan(name, network, frozen, cut);
    }

    /** The last of the head's first layers that have no parameters, as a dense layer has, and are not random, as dropout is. */
    private static String pastLayersWithoutParameters(Network body, Network whole) {
        Set<String> below = body.layers().keySet();
        return whole.layers().keySet().stream()
                .filter(layer -> !below.contains(layer))
                .takeWhile(layer -> whole.op(layer) instanceof Op.Reshape)
                .reduce(body.output(), (lower, upper) -> upper);
    }

    /** What it says of an image. */
    public AnswerKind answers() {
        return answers;
    }

    /** Whether nearest neighbours vote in the place of an output layer. */
    public boolean isVote() {
        return HeadNodes.votes(network);
    }

    /**
     * The same with votes of images in the place of the output layer.
     *
     * @param images how many there are
     * @param count how many vote
     * @param temperature by which their cosines are divided
     */
    public NetworkPlan voting(int images, int count, double temperature) {
        return new NetworkPlan(name, HeadNodes.voting(network, images, count, temperature), frozen, cut);
    }

    /** The head that was put on the backbone, without its number of classes. */
    public Head head() {
        return HeadNodes.find(network).head();
    }

    /** The backbone's last node, below the head. */
    public String backboneOutput() {
        return HeadNodes.find(network).backbone();
    }

    /**
     * The backbone below the head, as a descriptor of its own.
     *
     * @param preprocessing what is done to its images
     */
    public Backbone backbone(ImagePreprocessing preprocessing) {
        Network body = network.below(backboneOutput());
        return Backbone.builder(name, onlyOf(body, "a classifier"))
                .inputSize(height(), width())
                .preprocessing(preprocessing)
                .build();
    }

    /** Frozen layers as a backbone, and the head as it begins above them: with the flattening or pooling in which they end. */
    public record Layers(Backbone backbone, Head head) {}

    /**
     * The backbone of frozen layers that were cut out of a whole network.
     *
     * @param frozen the backbone, with or without the first layers of a head
     * @param preprocessing what is done to its images
     */
    public static Layers layers(String name, WeightedNetwork frozen, ImagePreprocessing preprocessing) {
        HeadNodes.Found below = HeadNodes.findStart(frozen.network());
        Network body = frozen.network().below(below.backbone());
        Shape input = body.inputShape();
        Backbone backbone = Backbone.builder(name, new OwnNetwork(onlyOf(body, "an extractor"), frozen.parameters()))
                .inputSize(input.height(), input.width())
                .preprocessing(preprocessing)
                .build();
        return new Layers(backbone, below.head());
    }

    /** A network of ours as the topology of a backbone, which gives DL4J's configuration to those who ask for it. */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // one method is given, the other follows from it
    public interface NetworkTopology extends Topology, Network.Sized {
        @Override
        default ComputationGraphConfiguration configure(int height, int width) {
            return Dl4jWriter.write(network(height, width), new NoOp());
        }
    }

    /** A network as a topology, with its parameters. */
    private record OwnNetwork(Network.Sized sized, Map<String, Map<String, INDArray>> parameters)
            implements NetworkTopology, ParameterValues.Given {
        @Override
        public Network network(int height, int width) {
            return sized.network(height, width);
        }
    }

    private static NetworkTopology onlyOf(Network body, String whose) {
        Shape input = body.inputShape();
        return (height, width) -> {
            if (height != input.height() || width != input.width()) {
                throw new IllegalArgumentException("the network of " + whose + " takes images of " + input.height()
                        + "x" + input.width() + ", got " + height + "x" + width);
            }
            return body;
        };
    }

    /** The backbone's name. */
    public String name() {
        return name;
    }

    /** The whole network. */
    public Network network() {
        return network;
    }

    /** The input's height in pixels. */
    public int height() {
        return network.inputShape().height();
    }

    /** The input's width in pixels. */
    public int width() {
        return network.inputShape().width();
    }

    /** The number of classes, or of targets. */
    public int classes() {
        return network.shape(OUTPUT).channels();
    }

    /** The frozen layers. */
    public Set<String> frozen() {
        return frozen;
    }

    /** The layer at the cut, empty if nothing is frozen. */
    public Optional<String> cut() {
        return Optional.ofNullable(cut);
    }

    /** The part below the cut, empty if nothing is frozen. */
    public Optional<Network> trunk() {
        return cut().map(network::below);
    }

    /** The part above the cut. */
    public Network tail() {
        return cut().map(network::above).orElse(network);
    }

    /** The shape of what passes the cut, one image, without the batch dimension. */
    public long[] featureShape() {
        return (cut == null ? network.inputShape() : network.shape(cut)).toArray();
    }

    /** The shape of what the frozen layers give, one image, before the head flattens it; empty if nothing is frozen. */
    public Optional<Shape> frozenOutput() {
        return cut().map(last -> {
            Network.Node node = Network.known(network.nodes(), last);
            return node.op() instanceof Op.Reshape ? network.shape(node.inputs().get(0)) : node.shape();
        });
    }

    /**
     * The network as a table.
     *
     * @param preprocessing what is done to its images, for the last line
     */
    public String summary(ImagePreprocessing preprocessing) {
        String text =
                SummaryTable.of(name, network, frozen) + System.lineSeparator() + "Preprocessing: " + preprocessing;
        return onnxLicence()
                .map(licence -> text + System.lineSeparator() + "Licence of the ONNX model: " + licence)
                .orElse(text);
    }

    /** The terms of an ONNX model in the network; empty where there is none, or they were not named. */
    public Optional<String> onnxLicence() {
        return network.nodes().values().stream()
                .flatMap(node -> node.op() instanceof Op.Onnx onnx ? Stream.ofNullable(onnx.licence()) : Stream.empty())
                .findFirst();
    }
}
