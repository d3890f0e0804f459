package org.transfer4j.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON objects that say what they are ("kind") and in which version. */
public final class JsonText {
    static final String KIND = "kind";
    static final String VERSION = "version";

    /** A tree takes up to a hundred bytes for each token, also where that has one character. */
    public static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(200)
            .maxTokenCount(1_000_000)
            .build();

    // ASCII alone: a label with half a surrogate pair survives any encoding of the file
    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(LIMITS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private JsonText() {}

    /** A new object to fill. */
    public static ObjectNode object(String kind, int version) {
        return MAPPER.createObjectNode().put(KIND, kind).put(VERSION, version);
    }

    /** The text of an object: one line, fields in the order in which they were put. */
    public static String write(ObjectNode object) {
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can't be written", e);
        }
    }

    static ObjectNode read(String json, String kind) {
        if (json == null) {
            throw new IllegalArgumentException("the JSON of a " + kind + " must not be null");
        }
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not the JSON of a " + kind + ": " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("the JSON of a " + kind + " must be one object");
    }

    static String describe(JsonNode node) {
        String text = node.toString();
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
