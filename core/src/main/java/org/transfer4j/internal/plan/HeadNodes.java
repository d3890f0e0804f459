package org.transfer4j.internal.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.transfer4j.head.Head;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/** Heads as nodes: puts them on a backbone, and finds them again in a whole network. */
final class HeadNodes {
    /** The output layer's name. */
    static final String OUTPUT = Network.PREDICTIONS;

    private static final String POOLING = "GlobalAveragePooling2D";
    private static final String DENSE = "Dense";

    private final Network.Builder network;
    private final Set<String> names;
    private String last;

    private HeadNodes(Network backbone) {
        this.network = new Network.Builder(backbone);
        this.names = backbone.layers().keySet();
        this.last = backbone.output();
    }

    /** The whole network, images in, probabilities or numbers out. */
    static Network assemble(Network backbone, Head head, int classes) {
        if (!backbone.shape(backbone.output()).isImage()) {
            throw new IllegalArgumentException("a backbone's features must be [N, C, H, W], got [N, "
                    + backbone.shape(backbone.output()).toString().substring(1));
        }
        HeadNodes nodes = new HeadNodes(backbone);
        if (backbone.layers().containsKey(OUTPUT)) {
            throw new IllegalArgumentException("a backbone must not have a layer named " + OUTPUT
                    + ", as the output layer above it is: give it another name, or end the backbone below it by"
                    + " upTo(layer)");
        }
        head.layers().forEach(nodes::add);
        AnswerKind.of(head)
                .activation()
                .ifPresentOrElse(
                        function -> nodes.addDense(OUTPUT, classes, function),
                        () -> nodes.add(OUTPUT, OUTPUT, DENSE, nodes.dense(classes)));
        return nodes.network.build(OUTPUT);
    }

    private void add(HeadLayer layer) {
        Shape shape = network.shape(last);
        if (layer instanceof HeadLayer.Flatten) {
            String name = unusedName("flatten");
            add(name, name, "Flatten", new Op.Reshape(Shape.of(shape.elements())));
        } else if (layer instanceof HeadLayer.GlobalAveragePooling) {
            String name = unusedName("global_average_pooling");
            add(part(name), name, POOLING, new Op.GlobalPooling(false));
            add(name, name, POOLING, new Op.Reshape(Shape.of(shape.channels())));
        } else if (layer instanceof HeadLayer.Dense dense) {
            addDense(unusedName("dense"), dense.units(), Activation.Function.RELU);
        } else if (layer instanceof HeadLayer.Dropout dropout) {
            String name = unusedName("dropout");
            add(name, name, "Dropout", new Op.Dropout(dropout.rate(), false));
        }
    }

    private void addDense(String name, int units, Activation.Function activation) {
        add(part(name), name, DENSE, dense(units));
        add(name, name, DENSE, new Op.Activate(Activation.of(activation)));
    }

    private Op.Dense dense(int units) {
        return new Op.Dense(Math.toIntExact(network.shape(last).elements()), units, true);
    }

    private void add(String name, String layer, String kind, Op op) {
        network.add(name, layer, kind, op, List.of(last));
        last = name;
    }

    /** Parts of layers are called after them, here as of the backbone. */
    private String part(String layer) {
        String name = layer + "/1";
        while (network.has(name)) {
            name += "_";
        }
        return name;
    }

    private String unusedName(String name) {
        String candidate = name;
        for (int i = 1; names.contains(candidate) || network.has(candidate); i++) {
            candidate = name + "_" + i;
        }
        return candidate;
    }

    /**
     * A head in a network.
     *
     * @param backbone the last node below it
     * @param head without its number of classes
     */
    record Found(String backbone, Head head) {}

    /** Finds the start of a head in a network that ends in the flattening or pooling of one, or below it. */
    static Found findStart(Network network) {
        Network.Node last = node(network, network.output());
        return last.op() instanceof Op.Reshape ? start(network, last) : new Found(network.output(), Head.flatten());
    }

    /** Finds the head of a whole network: from the output down to the flattening or pooling with which every head begins. */
    static Found find(Network network) {
        Deque<Op> above = new ArrayDeque<>();
        Network.Node node = node(network, network.output());
        while (!(node.op() instanceof Op.Reshape)) {
            if (!node.layer().equals(network.output())) {
                above.push(node.op());
            }
            node = node(network, node.inputs().get(0));
        }
        Found start = start(network, node);
        return new Found(start.backbone, head(start.head, above, network));
    }

    /** What begins with a reshaping: it is a pooling's, or flattens. */
    private static Found start(Network network, Network.Node reshape) {
        String below = reshape.inputs().get(0);
        boolean pooling =
                !below.equals(network.input()) && node(network, below).layer().equals(reshape.layer());
        return pooling
                ? new Found(node(network, below).inputs().get(0), Head.globalAveragePooling())
                : new Found(below, Head.flatten());
    }

    private static Network.Node node(Network network, String name) {
        Network.Node node = network.nodes().get(name);
        if (node == null) {
            throw new IllegalArgumentException(
                    "a head begins with a flattening or a pooling, but " + name + " is none");
        }
        return node;
    }

    private static Head head(Head start, Iterable<Op> ops, Network network) {
        Head head = AnswerKind.of(network).map(kind -> kind.ending(start)).orElse(start);
        for (Op op : ops) {
            if (op instanceof Op.Dense dense) {
                head = head.dense(dense.outputs());
            } else if (op instanceof Op.Dropout dropout) {
                head = head.dropout(dropout.rate());
            } else if (!(op instanceof Op.Activate)) {
                throw new IllegalArgumentException("a head has dense and dropout layers, got "
                        + op.getClass().getSimpleName());
            }
        }
        return head;
    }

    /** Whether nearest neighbours vote in the place of an output layer. */
    static boolean votes(Network network) {
        return network.op(network.output()) instanceof Op.Neighbours;
    }

    /** The same network with votes of images in the place of its dense output layer. */
    static Network voting(Network network, int images, int count, double temperature) {
        Network.Node dense =
                node(network, node(network, network.output()).inputs().get(0));
        String features = dense.inputs().get(0);
        Op votes = new Op.Neighbours(
                Math.toIntExact(network.shape(features).elements()),
                images,
                network.shape(network.output()).channels(),
                count,
                temperature);
        Network.Builder voting = new Network.Builder(network.below(features));
        voting.add(OUTPUT, OUTPUT, "NearestNeighbours", votes, List.of(features));
        return voting.build(OUTPUT);
    }
}
