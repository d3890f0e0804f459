package org.transfer4j.internal.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;

/**
 * DL4J's JSON of networks, vertices and updaters, as DL4J's configurations and back. It names the classes to load; this
 * lets DL4J load those of {@link TopologyCheck#TYPES} and no others, held by two locks that do not know of each other:
 * {@link TopologyCheck} on the text, and a validator in a copy of DL4J's own mapper, which is asked for every name
 * before its class is looked for. DL4J's fallback for JSON of before 1.0.0-alpha is left out.
 */
public final class Dl4jJson {
    /** What the JSON of a network is called in errors. */
    public static final String NAME = "topology.json";

    /** DL4J's mapper is shared by the whole JVM and must not be changed: this is a copy. */
    private static final ObjectMapper MAPPER =
            JsonMappers.getMapper().copy().setPolymorphicTypeValidator(new OnlyKnownTypes());

    private static final String NO_NETWORK = NAME + " is not the configuration of a network";
    private static final String NO_VERTEX = "is no vertex of DL4J";

    private Dl4jJson() {}

    /**
     * Reads the configuration of a graph.
     *
     * @param file where the JSON comes from, for the error
     * @throws ModelFileException if the JSON is not the configuration of a graph, or names a class that is not allowed
     */
    public static ComputationGraphConfiguration graph(@Nullable Path file, String json) {
        try {
            return graph(StrictJson.parse(NAME, json));
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /** The same of JSON that was read. */
    public static ComputationGraphConfiguration graph(JsonNode topology) throws MalformedModelException {
        TopologyCheck.check(topology);
        ComputationGraphConfiguration configuration =
                checked(topology, ComputationGraphConfiguration.class, NO_NETWORK);
        try {
            requireWhole(configuration);
        } catch (RuntimeException e) {
            throw new MalformedModelException(NO_NETWORK + ": " + e.getMessage(), e);
        }
        return configuration;
    }

    /** Whether a configuration is that of a graph, not of layers in a row: the two differ in this property alone. */
    public static boolean isGraph(JsonNode topology) {
        return topology.has("vertices");
    }

    /**
     * Reads the configuration of layers in a row, by the same rules.
     *
     * @throws MalformedModelException if the JSON is none, or names a class that is not allowed
     */
    public static MultiLayerConfiguration row(JsonNode topology) throws MalformedModelException {
        TopologyCheck.check(topology);
        MultiLayerConfiguration layers = checked(topology, MultiLayerConfiguration.class, NO_NETWORK);
        // DL4J would take any JSON for a network, and its getters are not annotated
        boolean whole = layers.getConfs() != null
                && layers.getInputPreProcessors() != null
                && layers.getConfs().stream().allMatch(layer -> layer != null && layer.getLayer() != null);
        if (!whole) {
            throw new MalformedModelException(NO_NETWORK);
        }
        return layers;
    }

    /** Has DL4J read what was checked, printed again: two parsers can take one text in two ways. */
    private static <T> T checked(JsonNode json, Class<T> type, String refusal) throws MalformedModelException {
        try {
            return unchecked(StrictJson.print(json), type);
        } catch (JsonProcessingException e) {
            throw new MalformedModelException(refusal + ": " + e.getOriginalMessage(), e);
        } catch (RuntimeException e) {
            throw new MalformedModelException(refusal + ": " + e.getMessage(), e);
        }
    }

    /** The second lock alone. */
    static <T> T unchecked(String json, Class<T> type) throws JsonProcessingException {
        return MAPPER.readValue(json, type);
    }

    /** DL4J would take any configuration for a graph and fail later, with a null pointer. */
    private static void requireWhole(ComputationGraphConfiguration configuration) throws MalformedModelException {
        // DL4J's getters are not annotated: each of these is null where the file has nothing
        require(
                configuration.getVertices() != null
                        && configuration.getVertexInputs() != null
                        && configuration.getNetworkInputs() != null
                        && configuration.getNetworkOutputs() != null,
                "a network must have vertices, vertexInputs, networkInputs and networkOutputs");
        Map<String, GraphVertex> vertices = configuration.getVertices();
        for (Map.Entry<String, GraphVertex> vertex : vertices.entrySet()) {
            require(isWhole(vertex.getValue()), "the vertex " + vertex.getKey() + " has no layer");
            List<String> inputs = configuration.getVertexInputs().getOrDefault(vertex.getKey(), List.of());
            require(!inputs.isEmpty(), "the vertex " + vertex.getKey() + " has no input");
            for (String input : inputs) {
                require(
                        vertices.containsKey(input)
                                || configuration.getNetworkInputs().contains(input),
                        "the vertex " + vertex.getKey() + " has the input " + input + ", which is not there");
            }
        }
        require(!configuration.getNetworkOutputs().isEmpty(), "a network must have an output");
        for (String output : configuration.getNetworkOutputs()) {
            require(vertices.containsKey(output), "the output " + output + " is not there");
        }
    }

    private static boolean isWhole(@Nullable GraphVertex vertex) {
        if (vertex instanceof LayerVertex layer) {
            return layer.getLayerConf() != null && layer.getLayerConf().getLayer() != null;
        }
        return vertex != null;
    }

    private static void require(boolean holds, String rule) throws MalformedModelException {
        if (!holds) {
            throw new MalformedModelException(NAME + ": " + rule);
        }
    }

    /**
     * Writes a vertex, without what says nothing of it: seeds, which are the clock's, and the updater. The same vertex gives
     * the same JSON.
     *
     * @throws IllegalArgumentException if DL4J can't write it
     */
    public static JsonNode of(GraphVertex vertex) {
        GraphVertex copy = vertex.clone();
        if (copy instanceof LayerVertex layer) {
            NeuralNetConfiguration configuration = layer.getLayerConf();
            configuration.setSeed(0);
            // by these names DL4J tells how a normalization's variance is kept; it notes them when it makes a network
            configuration.clearVariables();
            configuration
                    .getLayer()
                    .initializer()
                    .paramKeys(configuration.getLayer())
                    .forEach(configuration::addVariable);
            if (configuration.getLayer() instanceof BaseLayer weighted) {
                weighted.setIUpdater(new Sgd());
                weighted.setBiasUpdater(null);
            }
        }
        try {
            return StrictJson.parse(NAME, MAPPER.writerFor(GraphVertex.class).writeValueAsString(copy));
        } catch (JsonProcessingException | MalformedModelException e) {
            throw new IllegalArgumentException("a vertex of DL4J can't be written: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a vertex.
     *
     * @throws MalformedModelException if the JSON is none, or names a class that is not allowed
     */
    public static GraphVertex vertex(JsonNode json) throws MalformedModelException {
        TopologyCheck.checkVertex(json);
        GraphVertex vertex = checked(json, GraphVertex.class, NO_VERTEX);
        if (!isWhole(vertex)) {
            throw new MalformedModelException("the vertex has no layer");
        }
        return vertex;
    }

    /**
     * Writes an updater of ND4J, with its schedule.
     *
     * @return empty where it, or its schedule, is of a class that files may not name
     */
    public static Optional<JsonNode> of(IUpdater updater) {
        try {
            JsonNode json = StrictJson.parse("an updater", MAPPER.writeValueAsString(updater));
            return updater(json).equals(updater) ? Optional.of(json) : Optional.empty();
        } catch (JsonProcessingException | MalformedModelException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads an updater of ND4J.
     *
     * @throws MalformedModelException if the JSON is none, names a class that is not allowed, or has a rate that is no
     *     finite number
     */
    public static IUpdater updater(JsonNode json) throws MalformedModelException {
        TopologyCheck.check(json);
        IUpdater updater = checked(json, IUpdater.class, "an updater can't be read: " + Json.shown(json));
        if (updater == null || (updater.hasLearningRate() && !Double.isFinite(updater.getLearningRate(0, 0)))) {
            throw new MalformedModelException(
                    "the learning rate of an updater must be a finite number: " + Json.shown(json));
        }
        return updater;
    }

    /** Allows exact names, whatever Jackson was told to expect. */
    private static final class OnlyKnownTypes extends PolymorphicTypeValidator.Base {
        private static final long serialVersionUID = 1L;

        @Override
        public Validity validateSubClassName(MapperConfig<?> config, JavaType baseType, String className) {
            return TopologyCheck.TYPES.contains(className) ? Validity.ALLOWED : Validity.DENIED;
        }
    }
}
