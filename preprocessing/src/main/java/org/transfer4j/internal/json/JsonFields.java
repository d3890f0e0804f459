package org.transfer4j.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads an object of {@link JsonText} strictly: a field that is missing, of another type or unknown is an
 * {@link IllegalArgumentException} that names it.
 */
public final class JsonFields {
    private final ObjectNode object;
    private final String kind;
    private final Set<String> known = new LinkedHashSet<>();

    private JsonFields(ObjectNode object, String kind) {
        this.object = object;
        this.kind = kind;
    }

    /**
     * Reads an object of one kind, of a version from 1 to the newest that the caller understands.
     *
     * @param newestVersion what this library writes
     */
    public static JsonFields read(String json, String kind, int newestVersion) {
        JsonFields fields = new JsonFields(JsonText.read(json, kind), kind);
        String actual = fields.text(JsonText.KIND);
        if (!actual.equals(kind)) {
            throw new IllegalArgumentException("expected JSON of the kind '" + kind + "', got '" + actual + "'");
        }
        int version = fields.integer(JsonText.VERSION);
        if (version < 1 || version > newestVersion) {
            throw new IllegalArgumentException("version " + version + " of " + kind
                    + " is unknown: this version of the library reads 1 to " + newestVersion);
        }
        return fields;
    }

    /** A required text. */
    public String text(String field) {
        return text(field, required(field));
    }

    /** A required whole number. */
    public int integer(String field) {
        return integer(field, required(field));
    }

    /** A whole number that may be missing. */
    public OptionalInt optionalInteger(String field) {
        known.add(field);
        JsonNode value = object.get(field);
        return value == null ? OptionalInt.empty() : OptionalInt.of(integer(field, value));
    }

    /** A required list of texts. */
    public List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list(field)) {
            texts.add(text(field, element));
        }
        return texts;
    }

    /** A required list of numbers, each rounded to the nearest float. */
    public float[] floats(String field) {
        JsonNode list = list(field);
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            JsonNode element = list.get(i);
            if (!element.isNumber()) {
                throw wrongType(field, "numbers", element);
            }
            floats[i] = element.decimalValue().floatValue();
        }
        return floats;
    }

    /** To be called last: refuses fields that no call asked for. */
    public void refuseOthers() {
        object.fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                throw new IllegalArgumentException(
                        "unknown field '" + field + "' in " + kind + ": known are " + String.join(", ", known));
            }
        });
    }

    private JsonNode list(String field) {
        JsonNode value = required(field);
        if (!value.isArray()) {
            throw wrongType(field, "a list", value);
        }
        return value;
    }

    private JsonNode required(String field) {
        known.add(field);
        JsonNode value = object.get(field);
        if (value == null) {
            throw new IllegalArgumentException("the field '" + field + "' is missing in the JSON of a " + kind);
        }
        return value;
    }

    private String text(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw wrongType(field, "text", value);
        }
        return value.textValue();
    }

    private int integer(String field, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrongType(field, "a whole number", value);
        }
        return value.intValue();
    }

    private IllegalArgumentException wrongType(String field, String expected, JsonNode value) {
        return new IllegalArgumentException("the field '" + field + "' in the JSON of a " + kind + " must be "
                + expected + ", got " + JsonText.describe(value));
    }
}
