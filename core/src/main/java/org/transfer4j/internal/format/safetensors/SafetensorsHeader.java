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
import java.util.OptionalLong;
import java.util.TreeMap;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;

/**
 * The head of a safetensors file: a 64-bit little-endian length, then that many bytes of JSON, which name each array
 * and say of which type it is and where its bytes lie after the head. The format is documented at
 * https://huggingface.co/docs/safetensors.
 */
public final class SafetensorsHeader {
    /** The bytes before the JSON. */
    public static final int LENGTH_BYTES = Long.BYTES;

    /** The most bytes that the JSON may have, enough for 100,000 arrays. */
    public static final int LARGEST = StrictJson.LARGEST;

    /** The type of 16-bit floats with 5 bits of exponent. */
    public static final String FLOAT16 = "F16";

    /** The type of 32-bit floats. */
    public static final String FLOAT32 = "F32";

    static final String METADATA = "__metadata__";
    private static final int MOST_DIMENSIONS = 16;

    /** Single bytes without a sign, as the format writes their type. */
    public static final String BYTES = "U8";

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

    private SafetensorsHeader() {}

    /**
     * One array.
     *
     * @param name its name
     * @param type the type of its values, as the format writes it
     * @param shape its dimensions, none for a single value
     * @param start where its bytes start, counted from the end of the head
     * @param end where they end
     */
    public record Tensor(String name, String type, List<Long> shape, long start, long end) {
        /** Copies the shape. */
        public Tensor {
            shape = List.copyOf(shape);
        }
    }

    /** The length and the JSON, filled with spaces so that the floats start at a multiple of 8. */
    public static byte[] write(List<Tensor> tensors) {
        return write(tensors, Map.of());
    }

    /**
     * The length and the JSON, filled with spaces so that the floats start at a multiple of 8.
     *
     * @param metadata what else is said of the file, in the order of its keys
     */
    public static byte[] write(List<Tensor> tensors, Map<String, String> metadata) {
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
        byte[] json = StrictJson.encode(root);
        int length = (json.length + 7) / 8 * 8;
        byte[] bytes = Arrays.copyOf(
                ByteBuffer.allocate(LENGTH_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(length)
                        .array(),
                LENGTH_BYTES + length);
        Arrays.fill(bytes, LENGTH_BYTES, bytes.length, (byte) ' ');
        System.arraycopy(json, 0, bytes, LENGTH_BYTES, json.length);
        return bytes;
    }

    /**
     * Reads the JSON.
     *
     * @param name what the file is called in errors
     * @param json the bytes after the length
     * @return the arrays in the order of their bytes, which follow each other without gaps from 0 on
     * @throws MalformedModelException if they don't, or what the JSON says of them is not of that form
     */
    public static List<Tensor> parse(String name, byte[] json) throws MalformedModelException {
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
        return tensors;
    }

    /**
     * Reads what else is said of the file.
     *
     * @param name what the file is called in errors
     * @param json the bytes after the length
     * @return texts by key; what is none is left out
     * @throws MalformedModelException if it is no JSON
     */
    public static Map<String, String> metadata(String name, byte[] json) throws MalformedModelException {
        Map<String, String> metadata = new TreeMap<>();
        StrictJson.parse(name, new String(json, StandardCharsets.UTF_8))
                .path(METADATA)
                .properties()
                .forEach(property -> {
                    if (property.getValue().isTextual()) {
                        metadata.put(property.getKey(), property.getValue().textValue());
                    }
                });
        return metadata;
    }

    /**
     * How many bytes follow the head.
     *
     * @param tensors the arrays, as {@link #parse} gives them
     * @return where the last one ends
     */
    public static long dataSize(List<Tensor> tensors) {
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
        OptionalLong size = byteSize(file, tensor);
        long length = tensor.end() - tensor.start();
        if (length < 0 || (size.isPresent() && size.getAsLong() != length)) {
            throw new MalformedModelException(
                    file + ": " + name + " of shape " + shape + " does not fit its offsets " + offsets);
        }
        return tensor;
    }

    /** Empty where the type is not known here. */
    private static OptionalLong byteSize(String file, Tensor tensor) throws MalformedModelException {
        Integer width = WIDTHS.get(tensor.type());
        if (width == null) {
            return OptionalLong.empty();
        }
        long size = width;
        try {
            for (long dimension : tensor.shape()) {
                size = Math.multiplyExact(size, dimension);
            }
        } catch (ArithmeticException e) {
            throw new MalformedModelException(
                    file + ": the shape of " + tensor.name() + " is too large: " + tensor.shape(), e);
        }
        return OptionalLong.of(size);
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
