package org.transfer4j.internal.format.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;

/**
 * The head of a safetensors file: a 64-bit little-endian length, then that many bytes of JSON, which name each array
 * and say of which type it is and where its bytes lie after the head. The format is documented at
 * https://huggingface.co/docs/safetensors.
 *
 * @param tensors the arrays in the order of their bytes, which follow each other without gaps from 0 on
 * @param metadata what else is said of the file, texts by key
 */
record SafetensorsHeader(List<Tensor> tensors, Map<String, String> metadata) {
    /** The bytes before the JSON. */
    static final int LENGTH_BYTES = Long.BYTES;

    /** The most bytes that the JSON may have, enough for 100,000 arrays. */
    static final int LARGEST = StrictJson.LARGEST;

    /** The type of 16-bit floats with 5 bits of exponent. */
    static final String FLOAT16 = "F16";

    /** The type of 32-bit floats. */
    static final String FLOAT32 = "F32";

    static final String METADATA = "__metadata__";
    private static final int MOST_DIMENSIONS = 16;

    /** Single bytes without a sign, as the format writes their type. */
    static final String BYTES = "U8";

    /** Bytes of a value, by type; types of which several share a byte are left out. */
    private static final Map<String, Integer> WIDTHS = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry(BYTES, 1),
            Map.entry("I8", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("I16", 2),
            Map.entry("U16", 2),
            Map.entry(FLOAT16, 2),
            Map.entry("BF16", 2),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry(FLOAT32, 4),
            Map.entry("I64", 8),
            Map.entry("U64", 8),
            Map.entry("F64", 8));

    /**
     * One array.
     *
     * @param name its name
     * @param type the type of its values, as the format writes it
     * @param shape its dimensions, none for a single value
     * @param start where its bytes start, counted from the end of the head
     * @param end where they end
     */
    record Tensor(String name, String type, List<Long> shape, long start, long end) {
        /** The shape as arrays have it. */
        long[] shapeArray() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /** The length and the JSON, filled with spaces so that the floats start at a multiple of 8. */
    byte[] toBytes() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            ObjectNode object = root.putObject(METADATA);
            new TreeMap<>(metadata).forEach(object::put);
        }
        for (Tensor tensor : tensors) {
            ObjectNode object = root.putObject(tensor.name()).put("dtype", tensor.type());
            tensor.shape().forEach(object.putArray("shape")::add);
            object.putArray("data_offsets").add(tensor.start()).add(tensor.end());
        }
        byte[] json = StrictJson.print(root).getBytes(StandardCharsets.UTF_8);
        int length = (json.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    /**
     * Reads the JSON.
     *
     * @param name what the file is called in errors
     * @param json the bytes after the length
     * @return what it says; of what is said of the file, that which is no text is left out
     * @throws MalformedModelException if the arrays do not follow each other, or are not described in that form
     */
    static SafetensorsHeader parse(String name, byte[] json) throws MalformedModelException {
        JsonNode root = StrictJson.parse(name, new String(json, StandardCharsets.UTF_8));
        if (!root.isObject()) {
            throw new MalformedModelException(name + ": the head must be a JSON object");
        }
        List<Tensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (!property.getKey().equals(METADATA)) {
                tensors.add(tensor(name, property.getKey(), property.getValue()));
            }
        }
        tensors.sort(Comparator.comparingLong(Tensor::start).thenComparingLong(Tensor::end));
        long position = 0;
        for (Tensor tensor : tensors) {
            if (tensor.start() != position) {
                throw new MalformedModelException(name + ": the bytes of " + tensor.name() + " must start at "
                        + position + ", where those before end, but start at " + tensor.start());
            }
            position = tensor.end();
        }
        Map<String, String> metadata = new TreeMap<>();
        root.path(METADATA).properties().forEach(property -> {
            if (property.getValue().isTextual()) {
                metadata.put(property.getKey(), property.getValue().textValue());
            }
        });
        return new SafetensorsHeader(tensors, metadata);
    }

    /** How many bytes follow the head. */
    long dataSize() {
        return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    }

    private static Tensor tensor(String file, String name, JsonNode object) throws MalformedModelException {
        JsonNode type = object.path("dtype");
        if (!type.isTextual()) {
            throw new MalformedModelException(file + ": the dtype of " + name
                    + " must be the name of a type, such as F32, but is " + Json.shown(type));
        }
        List<Long> shape = wholes(file, name, object, "shape");
        List<Long> offsets = wholes(file, name, object, "data_offsets");
        if (shape.size() > MOST_DIMENSIONS || offsets.size() != 2) {
            throw new MalformedModelException(file + ": " + name + " must have at most " + MOST_DIMENSIONS
                    + " dimensions and 2 offsets, but has " + shape.size() + " and " + offsets.size());
        }
        Tensor tensor = new Tensor(name, type.textValue(), shape, offsets.get(0), offsets.get(1));
        long length = tensor.end() - tensor.start();
        // of a type that is not known here, any number of bytes will do
        Integer width = WIDTHS.get(tensor.type());
        boolean fits = width == null || byteSize(file, tensor, width) == length;
        if (length < 0 || !fits) {
            throw new MalformedModelException(
                    file + ": " + name + " of shape " + shape + " does not fit its offsets " + offsets);
        }
        return tensor;
    }

    private static long byteSize(String file, Tensor tensor, long width) throws MalformedModelException {
        try {
            return Arrays.stream(tensor.shapeArray()).reduce(width, Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw new MalformedModelException(
                    file + ": the shape of " + tensor.name() + " is too large: " + tensor.shape(), e);
        }
    }

    private static List<Long> wholes(String file, String name, JsonNode object, String property)
            throws MalformedModelException {
        JsonNode array = object.path(property);
        List<Long> wholes = new ArrayList<>();
        for (JsonNode element : array) {
            if (element.isIntegralNumber() && element.canConvertToLong() && element.longValue() >= 0) {
                wholes.add(element.longValue());
            }
        }
        if (!array.isArray() || wholes.size() < array.size()) {
            throw new MalformedModelException(file + ": " + property + " of " + name
                    + " must be a list of whole numbers, none negative, but is " + Json.shown(array));
        }
        return wholes;
    }
}
