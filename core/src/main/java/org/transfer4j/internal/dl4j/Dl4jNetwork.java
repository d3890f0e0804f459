package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.DependencyOrder;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * A network of DL4J as ours, with the places of its parameters. The last node of each vertex has the vertex' name. What
 * can't be said as ours is {@link Op.Foreign}.
 */
public final class Dl4jNetwork {
    private final Network network;
    private final Map<String, Map<String, ParameterSource>> sources;

    private Dl4jNetwork(Network network, Map<String, Map<String, ParameterSource>> sources) {
        this.network = network;
        this.sources = sources;
    }

    /**
     * Reads what the output depends on, vertex by vertex.
     *
     * @param images the shape of one image
     * @throws UnsupportedGraphException if there are several inputs or outputs
     */
    public static Dl4jNetwork read(ComputationGraphConfiguration configuration, Shape images) {
        List<String> inputs = configuration.getNetworkInputs();
        List<String> outputs = configuration.getNetworkOutputs();
        if (inputs.size() != 1 || outputs.size() != 1) {
            throw new UnsupportedGraphException(
                    "it must have one input and one output, but has " + inputs + " and " + outputs);
        }
        String input = inputs.get(0);
        Network.Builder network = new Network.Builder(input, images);
        Map<String, Map<String, ParameterSource>> sources = new HashMap<>();
        Set<String> order = DependencyOrder.of(
                outputs, name -> name.equals(input) ? List.of() : known(configuration.getVertexInputs(), name));
        for (String name : order) {
            if (!name.equals(input)) {
                append(name, configuration, network, sources);
            }
        }
        return new Dl4jNetwork(network.build(outputs.get(0)), sources);
    }

    private static <T> T known(Map<String, T> vertices, String name) {
        T vertex = vertices.get(name);
        if (vertex == null) {
            throw new IllegalArgumentException("no vertex named \"" + name + "\" among " + vertices.keySet());
        }
        return vertex;
    }

    private static void append(
            String name,
            ComputationGraphConfiguration configuration,
            Network.Builder network,
            Map<String, Map<String, ParameterSource>> sources) {
        GraphVertex whole = known(configuration.getVertices(), name);
        GraphVertex vertex = whole;
        while (vertex instanceof FrozenVertex frozen) {
            vertex = frozen.getUnderlying();
        }
        List<String> inputs = known(configuration.getVertexInputs(), name);
        List<Shape> shapes = inputs.stream().map(network::shape).toList();
        String previous = inputs.get(0);
        List<Network.Node> nodes = new ArrayList<>();
        Iterator<VertexReader.Step> steps = VertexReader.read(vertex, shapes).iterator();
        for (int part = 1; steps.hasNext(); part++) {
            VertexReader.Step step = steps.next();
            String before = previous;
            List<String> read = step.inputs().stream()
                    .map(index -> index == VertexReader.PREVIOUS ? before : inputs.get(index))
                    .toList();
            String node = steps.hasNext() ? partName(name + "/" + part, configuration) : name;
            nodes.add(network.add(node, name, step.kind(), step.op(), read));
            sources.put(node, step.parameters());
            previous = node;
        }
        boolean output = configuration.getNetworkOutputs().contains(name);
        if (!Dl4jOrigin.isSaid(whole, VertexWriter.write(nodes, network::shape, output))) {
            network.note(new Dl4jOrigin(whole), nodes);
        }
    }

    /** Vertices may have any names, also those of another's parts. */
    private static String partName(String wanted, ComputationGraphConfiguration configuration) {
        return configuration.getVertices().containsKey(wanted) ? partName(wanted + "_", configuration) : wanted;
    }

    public Network network() {
        return network;
    }

    /**
     * The values in DL4J's tables, or the gradients if the tables have these.
     *
     * @param tables by layer and DL4J's name
     * @return of this network's nodes, and of those of that name of one that it was written of; views of them where DL4J keeps them in the order of the op, copies elsewhere
     */
    public Network.Values<INDArray> values(Map<String, Map<String, INDArray>> tables) {
        return (node, parameter) -> {
            ParameterSource source = sources.getOrDefault(node.name(), Map.of()).get(parameter);
            if (source == null) {
                throw UnsupportedGraphException.of(node, "has no parameter " + parameter);
            }
            try {
                return source.in(
                        tables.getOrDefault(network.layer(node.name()), Map.of()),
                        node.op().parameter(parameter));
            } catch (IllegalArgumentException e) {
                throw UnsupportedGraphException.of(node, e.getMessage());
            }
        };
    }

    /**
     * Writes values into DL4J's tables.
     *
     * @param values of this network's nodes, or of those of that name of one that it was written of
     * @param tables by layer and DL4J's name; layers that are not there are left out
     */
    public void assign(Network.Values<INDArray> values, Map<String, Map<String, INDArray>> tables) {
        for (Network.Node node : network.nodes().values()) {
            Map<String, INDArray> table = tables.get(node.layer());
            if (table != null) {
                sources.getOrDefault(node.name(), Map.of()).forEach((parameter, source) -> {
                    if (node.op().parameters().containsKey(parameter)) {
                        source.put(values.of(node, parameter), table);
                    }
                });
            }
        }
    }
}
