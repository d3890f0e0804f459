package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.json.JsonText;

/** The JSON of a model's configuration as a tree of plain values, bounded in depth; no class is loaded for it. */
final class ConfigurationJson {
    private static final int LONGEST_SHOWN = 80;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(JsonText.LIMITS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ConfigurationJson() {}

    static JsonNode parse(Path file, String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    file, "the model's configuration is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** A value for a message: short, whatever the file holds. */
    static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "not there" : value.toString();
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }
}
