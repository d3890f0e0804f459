package org.transfer4j.internal.model;

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

/**
 * The head of a safetensors file: a 64-bit little-endian length, then that many bytes of JSON, which name each array
 * and say where its bytes lie after the head. The format is documented at
 * https://huggingface.co/docs/safetensors; here all arrays are float32.
 */
final class SafetensorsHeader {
    static final int LENGTH_BYTES = Long.BYTES;
    static final int LARGEST = StrictJson.LARGEST;

    private static final String NAME = ModelEntries.WEIGHTS;
    private static final String METADATA = "__metadata__";
    private static final int MOST_DIMENSIONS = 16;

    private SafetensorsHeader() {}

    /** One array: its name, its shape and where its bytes start and end, counted from the end of the head. */
    record Tensor(String name, List<Long> shape, long start, long end) {
        Tensor {
            shape = List.copyOf(shape);
        }
    }

    /** The length and the JSON, filled with spaces so that the floats start at a multiple of 8. */
    static byte[] write(List<Tensor> tensors) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        for (Tensor tensor : tensors) {
            ObjectNode object = root.putObject(tensor.name()).put("dtype", "F32");
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

    /** The arrays in the order of their bytes, which cover all {@code dataSize} bytes once. */
    static List<Tensor> parse(byte[] json, long dataSize) throws MalformedModelException {
        JsonNode root = StrictJson.parse(NAME, new String(json, StandardCharsets.UTF_8));
        if (!root.isObject()) {
            throw new MalformedModelException(NAME + ": the head must be a JSON object");
        }
        List<Tensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (!property.getKey().equals(METADATA)) {
                tensors.add(tensor(property.getKey(), property.getValue()));
            }
        }
        tensors.sort(Comparator.comparingLong(Tensor::start));
        long position = 0;
        for (Tensor tensor : tensors) {
            if (tensor.start() != position) {
                throw new MalformedModelException(NAME + ": the bytes of " + tensor.name() + " must start at "
                        + position + ", where those before end, but start at " + tensor.start());
            }
            position = tensor.end();
        }
        if (position != dataSize) {
            throw new MalformedModelException(
                    NAME + ": the arrays have " + position + " bytes, but the file has " + dataSize + " for them");
        }
        return tensors;
    }

    private static Tensor tensor(String name, JsonNode object) throws MalformedModelException {
        if (!"F32".equals(object.path("dtype").textValue())) {
            throw new MalformedModelException(
                    NAME + ": the dtype of " + name + " must be F32, but is " + StrictJson.shown(object.path("dtype")));
        }
        List<Long> shape = wholes(name, object, "shape");
        List<Long> offsets = wholes(name, object, "data_offsets");
        if (shape.isEmpty() || shape.size() > MOST_DIMENSIONS || offsets.size() != 2) {
            throw new MalformedModelException(NAME + ": " + name + " must have 1 to " + MOST_DIMENSIONS
                    + " dimensions and 2 offsets, but has " + shape.size() + " and " + offsets.size());
        }
        Tensor tensor = new Tensor(name, shape, offsets.get(0), offsets.get(1));
        if (byteSize(tensor) != tensor.end() - tensor.start()) {
            throw new MalformedModelException(
                    NAME + ": " + name + " of shape " + shape + " does not fit its offsets " + offsets);
        }
        return tensor;
    }

    private static long byteSize(Tensor tensor) throws MalformedModelException {
        long size = Float.BYTES;
        try {
            for (long dimension : tensor.shape()) {
                size = Math.multiplyExact(size, dimension);
            }
        } catch (ArithmeticException e) {
            throw new MalformedModelException(
                    NAME + ": the shape of " + tensor.name() + " is too large: " + tensor.shape(), e);
        }
        if (size <= 0) {
            throw new MalformedModelException(NAME + ": every dimension of " + tensor.name()
                    + " must be at least 1, but the shape is " + tensor.shape());
        }
        return size;
    }

    private static List<Long> wholes(String name, JsonNode object, String property) throws MalformedModelException {
        JsonNode array = object.path(property);
        List<Long> wholes = new ArrayList<>();
        for (JsonNode element : array) {
            if (element.isIntegralNumber() && element.canConvertToLong() && element.longValue() >= 0) {
                wholes.add(element.longValue());
            }
        }
        if (!array.isArray() || wholes.size() < array.size()) {
            throw new MalformedModelException(NAME + ": " + property + " of " + name
                    + " must be a list of whole numbers, none negative, but is " + StrictJson.shown(array));
        }
        return wholes;
    }
}
