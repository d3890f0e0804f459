package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.dl4j.Dl4jJson;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jOrigin;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.TopologyCheck;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/**
 * The entry {@code topology.json}: a network layer by layer, in our own words. A layer of which only DL4J knows all is kept
 * as DL4J's JSON, under the rules of {@link Dl4jJson}, and is read again as it was read first; what the file would say of
 * its shape counts for nothing.
 */
public record TopologyJson(String input, Shape inputShape, List<Layer> layers, String output) {
    private static final String WHAT = ArchiveKind.Entries.TOPOLOGY;

    /** A layer: nodes, or a vertex of DL4J and what it reads. */
    record Layer(
            String name,
            @Nullable List<Node> nodes,
            @Nullable List<String> inputs,
            @Nullable JsonNode dl4j) {
        private void append(Network.Builder network, Set<String> names, boolean last) throws MalformedModelException {
            if (nodes != null && !nodes.isEmpty() && inputs == null && dl4j == null) {
                for (Node node : nodes) {
                    network.add(node.name, name, node.kind, node.op, node.inputs);
                }
                if (!nodes.get(nodes.size() - 1).name.equals(name)) {
                    throw new IllegalArgumentException("its last node must have its name");
                }
            } else if (nodes == null && inputs != null && !inputs.isEmpty() && dl4j != null) {
                Dl4jNetwork.append(network, name, Dl4jJson.vertex(dl4j), inputs, names, last);
            } else {
                throw new IllegalArgumentException("it has either nodes, or inputs and a vertex of DL4J");
            }
        }
    }

    /**
     * A node of a layer.
     *
     * @param kind what layers of its kind are called in summaries
     */
    record Node(String name, String kind, Op op, List<String> inputs) {}

    /**
     * Writes a network.
     *
     * @throws IllegalArgumentException if it has a vertex of DL4J that could not be read again
     */
    public static String write(Network network) {
        List<Layer> layers = new ArrayList<>();
        network.layers().forEach((name, nodes) -> {
            if (nodes.get(0).origin() instanceof Dl4jOrigin origin) {
                layers.add(new Layer(name, null, network.inputsOfLayer(name), json(name, origin)));
            } else {
                List<Node> own = nodes.stream()
                        .map(node -> new Node(node.name(), node.kind(), node.op(), node.inputs()))
                        .toList();
                layers.add(new Layer(name, own, null, null));
            }
        });
        return Json.write(new TopologyJson(network.input(), network.inputShape(), layers, network.output()));
    }

    private static JsonNode json(String layer, Dl4jOrigin origin) {
        JsonNode json = Dl4jJson.of(origin.vertex());
        try {
            Dl4jJson.vertex(json);
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This model can't be saved: layer " + layer + ": " + e.reason(), e);
        }
        return json;
    }

    /**
     * Reads a network, also in DL4J's JSON as in version 1 of the format.
     *
     * @param description says for which images it is
     * @throws MalformedModelException if it is none, names a class that is not allowed, or has a layer that can't be
     *     computed: the message names the layer, the rule and the value
     */
    public static Network read(String json, NetworkDescription description) throws MalformedModelException {
        JsonNode root = StrictJson.parse(WHAT, json);
        Shape images = Shape.of(description.inputChannels(), description.inputHeight(), description.inputWidth());
        try {
            if (root.has("vertices")) {
                return Dl4jNetwork.network(Dl4jJson.graph(root), images);
            }
            TopologyJson topology = Json.read(root, WHAT, TopologyJson.class);
            if (!topology.inputShape.equals(images)) {
                throw new IllegalArgumentException("its images must be " + images + ", but are " + topology.inputShape);
            }
            return topology.network();
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(WHAT + ": " + e.getMessage(), e);
        }
    }

    /**
     * Holds the names of classes against the list of those that files may name, before anything else is made of them.
     *
     * @throws MalformedModelException if one is not on it
     */
    static void requireKnownClasses(JsonNode root) throws MalformedModelException {
        if (root.has("vertices")) {
            TopologyCheck.check(root);
        }
        for (JsonNode layer : root.path("layers")) {
            if (layer.hasNonNull("dl4j")) {
                TopologyCheck.checkVertex(layer.path("dl4j"));
            }
        }
    }

    /**
     * Brings a network's parameters, which former versions of the formats had by DL4J's names and in DL4J's shapes where DL4J has
     * the layer, into the shapes of its ops; the other arrays stay as they are.
     *
     * @param arrays by names such as {@code block1_conv1/W}; those that are taken are closed
     * @throws MalformedModelException if they are not the network's, with nothing closed
     */
    static Map<String, INDArray> inShapesOfOps(Network network, Map<String, INDArray> arrays)
            throws MalformedModelException {
        Dl4jParameters parameters;
        try {
            parameters = Dl4jParameters.ofLayers(withoutOnnx(network), ModelArchive.byLayer(arrays));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new MalformedModelException("its parts contradict each other: " + e.getMessage(), e);
        }
        Map<String, INDArray> all = new LinkedHashMap<>(arrays);
        all.keySet().removeAll(parameters.names());
        parameters
                .values()
                .forEach((owner, values) ->
                        values.forEach((name, value) -> all.put(owner + "/" + name, value.dup('c'))));
        parameters
                .names()
                .forEach(name -> Objects.requireNonNull(arrays.get(name)).close());
        return all;
    }

    /** An ONNX model, whose parameter is its bytes, was as it is. */
    private static Network withoutOnnx(Network network) {
        return network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Onnx)
                .findFirst()
                .map(node -> network.above(node.name()))
                .orElse(network);
    }

    private Network network() throws MalformedModelException {
        if (layers.size() > NetworkSize.MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "a network has " + NetworkSize.MOST_LAYERS + " layers at most, got " + layers.size());
        }
        Network.Builder network = new Network.Builder(input, inputShape);
        Set<String> names = new HashSet<>(Set.of(input));
        for (Layer layer : layers) {
            if (!names.add(layer.name)) {
                throw new IllegalArgumentException(
                        "a network has no two layers of one name, but two called " + layer.name);
            }
        }
        for (Layer layer : layers) {
            try {
                layer.append(network, names, layer.name.equals(output));
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("layer " + layer.name + ": its numbers are too large", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer " + layer.name + ": " + e.getMessage(), e);
            }
        }
        return network.build(output);
    }
}
