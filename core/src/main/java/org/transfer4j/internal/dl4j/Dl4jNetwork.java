package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.GraphIndices;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.network.DependencyOrder;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterTables;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * A network with its parameters in DL4J's tables: by layer and by DL4J's names, in DL4J's shapes. Of DL4J's configurations
 * they are read vertex by vertex: the last node of each has the vertex' name, and what can't be said as ours is
 * {@link Op.Foreign}.
 */
public final class Dl4jNetwork implements ParameterTables {
    private final Network network;
    private final Map<String, Map<String, ParameterSource>> sources = new HashMap<>();
    private final Map<String, String> tables = new LinkedHashMap<>();
    private final Map<String, GraphVertex> vertices = new LinkedHashMap<>();
    private final @Nullable ComputationGraphConfiguration configuration;

    private Dl4jNetwork(Network network, @Nullable ComputationGraphConfiguration configuration) {
        this.network = network;
        this.configuration = configuration;
        network.layers().forEach((layer, nodes) -> {
            Optional<GraphVertex> whole = nodes.get(0).origin() instanceof Dl4jOrigin origin
                    ? Optional.of(origin.vertex())
                    : VertexWriter.write(nodes, network::shape, layer.equals(network.output()));
            if (whole.isPresent()) {
                add(layer, whole.get(), nodes);
                return;
            }
            Map<Network.Node, GraphVertex> parts = new LinkedHashMap<>();
            nodes.forEach(node ->
                    VertexWriter.write(List.of(node), network::shape, false).ifPresent(part -> parts.put(node, part)));
            if (parts.size() == nodes.size()) {
                parts.forEach((node, part) -> add(node.name(), part, List.of(node)));
            } else {
                addOwn(layer, nodes);
            }
        });
    }

    private void add(String name, GraphVertex vertex, List<Network.Node> nodes) {
        vertices.put(name, vertex);
        List<Shape> shapes = nodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(input -> nodes.stream().noneMatch(node -> node.name().equals(input)))
                .map(network::shape)
                .toList();
        List<VertexReader.Step> steps = VertexReader.read(Graphs.thawed(vertex), shapes);
        if (steps.size() != nodes.size()) {
            throw new IllegalStateException(
                    "layer " + name + " of " + nodes.size() + " ops is read of DL4J as " + steps.size());
        }
        for (int i = 0; i < nodes.size(); i++) {
            tables.put(nodes.get(i).name(), name);
            sources.put(nodes.get(i).name(), steps.get(i).parameters());
        }
    }

    /** What DL4J can't compute has tables nevertheless, in the ops' own shapes, of the layer's name if there is but one. */
    private void addOwn(String layer, List<Network.Node> nodes) {
        List<Network.Node> weighted =
                nodes.stream().filter(node -> !node.op().parameters().isEmpty()).toList();
        for (Network.Node node : weighted) {
            tables.put(node.name(), weighted.size() == 1 ? layer : node.name());
            Map<String, ParameterSource> own = new HashMap<>();
            node.op().parameters().keySet().forEach(name -> own.put(name, ParameterSource.named(name)));
            sources.put(node.name(), own);
        }
    }

    /** Any network of ours. */
    public static Dl4jNetwork of(Network network) {
        return new Dl4jNetwork(network, null);
    }

    /**
     * Reads what the output depends on, vertex by vertex, each by the rules that it can be computed by.
     *
     * @param images the shape of one image
     * @throws IllegalArgumentException if it is no network with one input and one output, or a vertex breaks a rule: the
     *     message names the vertex, the rule and the value
     */
    public static Dl4jNetwork read(ComputationGraphConfiguration configuration, Shape images) {
        return new Dl4jNetwork(network(configuration, images), configuration);
    }

    /** The same without the tables of its parameters. */
    public static Network network(ComputationGraphConfiguration configuration, Shape images) {
        List<String> inputs = configuration.getNetworkInputs();
        List<String> outputs = configuration.getNetworkOutputs();
        Map<String, GraphVertex> vertices = configuration.getVertices();
        if (vertices.size() > NetworkSize.MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "a network has " + NetworkSize.MOST_LAYERS + " layers at most, got " + vertices.size());
        }
        if (inputs.size() != 1 || outputs.size() != 1 || vertices.containsKey(inputs.get(0))) {
            throw new IllegalArgumentException(
                    "a network has one input and one output, got " + inputs + " and " + outputs);
        }
        String input = inputs.get(0);
        Network.Builder network = new Network.Builder(input, images);
        Set<String> order = DependencyOrder.of(
                outputs, name -> name.equals(input) ? List.of() : known(configuration.getVertexInputs(), name));
        for (String name : order) {
            if (!name.equals(input)) {
                try {
                    append(
                            network,
                            name,
                            known(configuration.getVertices(), name),
                            known(configuration.getVertexInputs(), name),
                            configuration.getVertices().keySet(),
                            outputs.contains(name));
                } catch (RuntimeException e) {
                    // DL4J's exceptions about configurations have no common class, a null pointer is one of them
                    throw new IllegalArgumentException("layer " + name + ": " + reason(e), e);
                }
            }
        }
        return network.build(outputs.get(0));
    }

    private static String reason(RuntimeException e) {
        return e instanceof IllegalArgumentException || e instanceof IllegalStateException
                ? String.valueOf(e.getMessage())
                : String.valueOf(e);
    }

    private static <T> T known(Map<String, T> vertices, String name) {
        T vertex = vertices.get(name);
        if (vertex == null) {
            throw new IllegalArgumentException("no vertex named \"" + name + "\" among " + vertices.keySet());
        }
        return vertex;
    }

    /**
     * Reads a vertex as nodes of a network.
     *
     * @param names that no part of it may have
     * @param output whether it gives the network's result
     * @throws IllegalArgumentException if it breaks a rule, or DL4J does not say what it gives
     */
    public static void append(
            Network.Builder network,
            String name,
            GraphVertex whole,
            List<String> inputs,
            Set<String> names,
            boolean output) {
        GraphVertex vertex = Graphs.thawed(whole);
        List<Shape> shapes = inputs.stream().map(network::shape).toList();
        VertexBounds.check(vertex, shapes);
        String previous = inputs.get(0);
        List<Network.Node> nodes = new ArrayList<>();
        Iterator<VertexReader.Step> steps = VertexReader.read(vertex, shapes).iterator();
        for (int part = 1; steps.hasNext(); part++) {
            VertexReader.Step step = steps.next();
            if (step.op() instanceof Op.Foreign foreign && foreign.shape().equals(Shape.UNKNOWN)) {
                throw new IllegalArgumentException(
                        foreign.reason() == null ? "DL4J does not say what it gives" : foreign.reason());
            }
            String before = previous;
            List<String> read = step.inputs().stream()
                    .map(index -> index == VertexReader.PREVIOUS ? before : inputs.get(index))
                    .toList();
            String node = steps.hasNext() ? partName(name + "/" + part, names) : name;
            nodes.add(network.add(node, name, step.kind(), step.op(), read));
            previous = node;
        }
        if (!Dl4jOrigin.isSaid(whole, VertexWriter.write(nodes, network::shape, output))) {
            network.note(new Dl4jOrigin(whole), nodes);
        }
    }

    /** Vertices may have any names, also those of another's parts. */
    private static String partName(String wanted, Set<String> names) {
        return names.contains(wanted) ? partName(wanted + "_", names) : wanted;
    }

    public Network network() {
        return network;
    }

    /** Of this network's nodes, and of those of that name of one that it was written of. */
    @Override
    public Network.Values<INDArray> values(Map<String, Map<String, INDArray>> tables) {
        return (node, parameter) -> {
            ParameterSource source = sources.getOrDefault(node.name(), Map.of()).get(parameter);
            if (source == null) {
                throw UnsupportedGraphException.of(node, "has no parameter " + parameter);
            }
            try {
                return source.in(
                        tables.getOrDefault(this.tables.get(node.name()), Map.of()),
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
            Map<String, INDArray> table = tables.get(this.tables.get(node.name()));
            if (table != null) {
                sources.getOrDefault(node.name(), Map.of()).forEach((parameter, source) -> {
                    if (node.op().parameters().containsKey(parameter)) {
                        source.put(values.of(node, parameter), table);
                    }
                });
            }
        }
    }

    @Override
    public void put(Network.Node node, String parameter, INDArray values, Map<String, Map<String, INDArray>> tables) {
        known(sources.getOrDefault(node.name(), Map.of()), parameter)
                .put(values, known(tables, known(this.tables, node.name())));
    }

    /**
     * In the order of DL4J's vector of all parameters where DL4J has the network: a training that DL4J's listeners hear, which
     * see that vector, gives the same bits as one that they don't.
     */
    @Override
    public List<Table> tables() {
        List<Table> tables = new ArrayList<>(allTables().values());
        inDl4j().ifPresent(graph -> {
            GraphIndices indices = new ComputationGraph(graph).calculateIndices();
            List<String> order = IntStream.of(indices.getTopologicalSortOrder())
                    .mapToObj(index -> indices.getIdxToName().get(index))
                    .toList();
            tables.sort(Comparator.comparingInt(table -> order.indexOf(table.name())));
        });
        return tables;
    }

    private Optional<ComputationGraphConfiguration> inDl4j() {
        if (configuration != null) {
            return Optional.of(configuration);
        }
        try {
            return Optional.of(Dl4jWriter.write(network, new NoOp()));
        } catch (UnsupportedGraphException e) {
            return Optional.empty();
        }
    }

    private Map<String, Table> allTables() {
        Map<String, Table> all = new LinkedHashMap<>();
        tables.forEach((node, table) -> {
            String layer = network.layer(node);
            GraphVertex vertex = vertices.get(table);
            if (vertex == null) {
                all.put(
                        table,
                        new OpTable(table, layer, known(network.nodes(), node).op()));
            } else if (vertex instanceof LayerVertex settings && vertex.numParams(true) > 0) {
                // DL4J notes the parameters' names in the configuration
                all.put(
                        table,
                        new LayerTable(table, layer, settings.getLayerConf().clone()));
            }
        });
        return all;
    }

    /** The tables with all parameters zero. */
    public Map<String, Map<String, INDArray>> zeros() {
        Map<String, Map<String, INDArray>> zeros = new LinkedHashMap<>();
        allTables().forEach((name, table) -> {
            DataType type = table instanceof OpTable own ? own.op().parameterType() : DataType.FLOAT;
            zeros.put(name, table.in(Nd4j.zeros(type, 1, table.size())));
        });
        return zeros;
    }

    /** The shapes of the tables' arrays. */
    public Map<String, Map<String, long[]>> shapes() {
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        zeros().forEach((layer, values) -> {
            Map<String, long[]> own = new LinkedHashMap<>();
            values.forEach((name, value) -> own.put(name, value.shape()));
            shapes.put(layer, own);
        });
        return shapes;
    }
}
