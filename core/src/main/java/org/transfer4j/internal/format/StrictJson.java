package org.transfer4j.internal.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

    public static byte[] encode(JsonNode tree) {
        return print(tree).getBytes(StandardCharsets.UTF_8);
    }

    public static String print(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can always be printed", e);
        }
    }

    /**
     * Reads a whole number from an object.
     *
     * @param name what the text is called in errors
     * @param object the object
     * @param property the property's name
     * @param smallest the smallest number that is allowed
     * @param largest the largest
     * @return the number
     * @throws MalformedModelException if it is not there, no whole number, or out of bounds
     */
    public static long whole(String name, JsonNode object, String property, long smallest, long largest)
            throws MalformedModelException {
        JsonNode value = object.path(property);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < smallest
                || value.longValue() > largest) {
            throw new MalformedModelException(name + ": " + property + " must be a whole number from " + smallest
                    + " to " + largest + ", but is " + Json.shown(value));
        }
        return value.longValue();
    }

    /**
     * Reads a list of texts from an object.
     *
     * @param name what the text is called in errors
     * @param object the object
     * @param property the property's name
     * @return the texts
     * @throws MalformedModelException if it is not there or no such list
     */
    public static List<String> texts(String name, JsonNode object, String property) throws MalformedModelException {
        JsonNode array = object.path(property);
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array) {
            if (element.isTextual()) {
                texts.add(element.textValue());
            }
        }
        if (!array.isArray() || texts.size() < array.size()) {
            throw new MalformedModelException(
                    name + ": " + property + " must be a list of texts, but is " + Json.shown(array));
        }
        return texts;
    }
}
