package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;

/** An updater of ND4J, with its schedule, as ND4J's JSON and back, under the rules of {@link TopologyReader}. */
public final class UpdaterJson {
    private UpdaterJson() {}

    /**
     * Writes an updater.
     *
     * @return empty where it, or its schedule, is of a class that model files may not name
     */
    public static Optional<JsonNode> write(IUpdater updater) {
        try {
            JsonNode json = StrictJson.parse("an updater", TopologyReader.MAPPER.writeValueAsString(updater));
            return read(json).equals(updater) ? Optional.of(json) : Optional.empty();
        } catch (JsonProcessingException | MalformedModelException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads an updater.
     *
     * @throws MalformedModelException if the JSON is none, names a class that is not allowed, or has a rate that is no
     *     finite number
     */
    public static IUpdater read(JsonNode json) throws MalformedModelException {
        TopologyCheck.check(json);
        IUpdater updater;
        try {
            updater = TopologyReader.MAPPER.readValue(StrictJson.print(json), IUpdater.class);
        } catch (JsonProcessingException | RuntimeException e) {
            throw new MalformedModelException("an updater can't be read: " + Json.shown(json), e);
        }
        if (updater == null || (updater.hasLearningRate() && !Double.isFinite(updater.getLearningRate(0, 0)))) {
            throw new MalformedModelException(
                    "the learning rate of an updater must be a finite number: " + Json.shown(json));
        }
        return updater;
    }
}
