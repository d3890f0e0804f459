package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;

/**
 * Makes a network's configuration from the JSON in a model file. DL4J's JSON names the classes to load; this reader
 * lets it load those of {@link TopologyTypes} and no others, held by two locks that do not know of each other:
 * {@link TopologyCheck} on the text, and a validator in a copy of DL4J's own mapper, which is asked for every name
 * before its class is looked for. DL4J's fallback for JSON of before 1.0.0-alpha is left out.
 */
public final class TopologyReader {
    /** What it is called in errors. */
    static final String NAME = "topology.json";

    /** DL4J's mapper is shared by the whole JVM and must not be changed: this is a copy. */
    static final ObjectMapper MAPPER = JsonMappers.getMapper().copy().setPolymorphicTypeValidator(new OnlyKnownTypes());

    private TopologyReader() {}

    /**
     * Reads a configuration.
     *
     * @param file where the JSON comes from, for the error
     * @throws ModelFileException if the JSON is not the configuration of a graph, or names a class that is not allowed
     */
    public static ComputationGraphConfiguration read(@Nullable Path file, String topology) {
        try {
            return parse(StrictJson.parse(TopologyReader.NAME, topology));
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /**
     * Whether the JSON is that of a graph; else it is that of layers in a row, or of neither.
     *
     * @param file where the JSON comes from, for the error
     * @throws ModelFileException if it is no JSON
     */
    public static boolean isGraph(@Nullable Path file, String configuration) {
        try {
            return StrictJson.parse(TopologyReader.NAME, configuration).has("vertices");
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /**
     * Reads the configuration of layers in a row, by the same rules as that of a graph.
     *
     * @param file where the JSON comes from, for the error
     * @throws ModelFileException if the JSON is no such configuration, or names a class that is not allowed
     */
    public static MultiLayerConfiguration readLayers(@Nullable Path file, String configuration) {
        try {
            JsonNode root = StrictJson.parse(TopologyReader.NAME, configuration);
            TopologyCheck.check(root);
            return MAPPER.readValue(StrictJson.print(root), MultiLayerConfiguration.class);
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        } catch (JsonProcessingException e) {
            throw new ModelFileException(file, "is not the configuration of a network: " + e.getOriginalMessage(), e);
        } catch (RuntimeException e) {
            throw new ModelFileException(file, "is not the configuration of a network: " + e.getMessage(), e);
        }
    }

    /** Reads a configuration; what is checked here when a model is written can be read again. */
    public static ComputationGraphConfiguration parse(JsonNode topology) throws MalformedModelException {
        TopologyCheck.check(topology);
        try {
            // DL4J reads what was checked, printed again: two parsers can take one text in two ways
            ComputationGraphConfiguration configuration = parseUnchecked(StrictJson.print(topology));
            new GraphCheck(configuration).check();
            return configuration;
        } catch (JsonProcessingException e) {
            throw unreadable(e.getOriginalMessage(), e);
        } catch (RuntimeException e) {
            throw unreadable(String.valueOf(e.getMessage()), e);
        }
    }

    /** The second lock alone. */
    static ComputationGraphConfiguration parseUnchecked(String topology) throws JsonProcessingException {
        return MAPPER.readValue(topology, ComputationGraphConfiguration.class);
    }

    private static MalformedModelException unreadable(String reason, Exception cause) {
        return new MalformedModelException(
                TopologyReader.NAME + " is not the configuration of a network: " + reason, cause);
    }

    /** Allows exact names, whatever Jackson was told to expect. */
    private static final class OnlyKnownTypes extends PolymorphicTypeValidator.Base {
        private static final long serialVersionUID = 1L;

        @Override
        public Validity validateSubClassName(MapperConfig<?> config, JavaType baseType, String className) {
            return TopologyTypes.contains(className) ? Validity.ALLOWED : Validity.DENIED;
        }
    }
}
