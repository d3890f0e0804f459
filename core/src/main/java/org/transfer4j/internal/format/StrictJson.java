package org.transfer4j.internal.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.transfer4j.internal.json.Json;

/**
 * JSON as trees and nothing else: one value, no property twice, bounded in length and depth. Properties that this
 * version does not know are left alone, so that a later one may add some that may be ignored.
 */
public final class StrictJson {
    /** No JSON entry is larger, in bytes. The topology of a network of 500 layers has about 1 MiB. */
    public static final int LARGEST = 16 << 20;

    private static final int DEEPEST = 64;

    private static final JsonMapper MAPPER = Json.mapper(DEEPEST);

    private StrictJson() {}

    /**
     * Reads a text.
     *
     * @param name what it is called in errors
     * @param text the JSON
     * @return its only value
     * @throws MalformedModelException if it is not one value, or too long or too deep
     */
    public static JsonNode parse(String name, String text) throws MalformedModelException {
        if (text.length() > LARGEST) {
            throw new MalformedModelException(
                    name + " may have " + LARGEST + " characters at most, but has " + text.length());
        }
        JsonNode tree;
        try {
            tree = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new MalformedModelException(name + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (tree.isMissingNode()) {
            throw new MalformedModelException(name + " is not valid JSON: it is empty");
        }
        return tree;
    }

    /**
     * Reads UTF-8.
     *
     * @param name what the text is called in errors
     * @param bytes its bytes
     * @return the text
     * @throws MalformedModelException if the bytes are not UTF-8
     */
    public static String decode(String name, byte[] bytes) throws MalformedModelException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedModelException(name + " is not valid UTF-8", e);
        }
    }

    public static String print(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can always be printed", e);
        }
    }
}
