package org.transfer4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Changes of a good file that a few bytes name, so that what comes out is damaged in one place and whole in the others: a
 * fuzzer that changes bytes of long JSON nearly always ends at the JSON reader. A change is a place, what is done there, and
 * what that needs; a list that ends in the middle ends before that change.
 */
final class Edits {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Values at which readers stumble. */
    private static final List<JsonNode> VALUES =
            values("null, true, false, [], {}, \"\", \" \", \"\\u0000\", \"NaN\", 0, 1, -1, 2, 3, 255, 65536, 16777217,"
                    + "2147483647, -2147483648, 4294967296, 9223372036854775807, 0.5, -0.0, 1e-320, 1e308,"
                    + "[[[[[[[[]]]]]]]], [1, 1], [-1, 0], [2147483647, 2147483647], [null], {\"\": null}");

    private static final long[] NUMBERS = {0, 1, -1, 0x7FFFFFFF, 0x80000000L, 0x7F800000, 0xFF800000L, Long.MAX_VALUE};

    private static final int MOST = 6;

    /** No good file begins with it. */
    static final byte MARK = '!';

    private Edits() {}

    /** An input that begins with "!" names changes of the good file; any other is the file. */
    static byte[] of(byte[] input, byte[] good) {
        return input.length == 0 || input[0] != MARK ? input : apply(good, ByteBuffer.wrap(input, 1, input.length - 1));
    }

    /** The same of several good files; the byte behind the mark says which. */
    static byte[] of(byte[] input, List<byte[]> good) {
        return input.length < 2 || input[0] != MARK
                ? input
                : apply(good.get((input[1] & 255) % good.size()), ByteBuffer.wrap(input, 2, input.length - 2));
    }

    /** Of JSON, of a safetensors file or of anything else, whichever it is. */
    static byte[] apply(byte[] good, ByteBuffer edits) {
        if (good[0] == '{') {
            return json(good, edits);
        }
        int header = good.length < 9 || good[8] != '{'
                ? 0
                : ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (header == 0 || !edits.hasRemaining() || (edits.get() & 1) == 0) {
            return bytes(good, edits);
        }
        byte[] changed = json(Arrays.copyOfRange(good, 8, 8 + header), edits);
        byte[] rest = Arrays.copyOfRange(good, 8 + header, good.length);
        return ByteBuffer.allocate(8 + changed.length + rest.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(changed.length)
                .put(changed)
                .put(rest)
                .array();
    }

    /** JSON without line breaks. */
    static String compact(String json) {
        try {
            return JSON.readTree(json).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] json(byte[] good, ByteBuffer edits) {
        try {
            // in a list, so that the root has a place, too
            ArrayNode root = JSON.createArrayNode().add(JSON.readTree(good));
            try {
                // a value that is copied into itself doubles the text
                for (int i = 0; i < MOST && edits.hasRemaining() && !root.isEmpty(); i++) {
                    List<Place> places = new ArrayList<>();
                    collect(root, places);
                    places.get(number(edits, places.size())).edit(edits, places);
                }
            } catch (BufferUnderflowException end) {
                // of the list of changes
            }
            return root.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(root.get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void collect(JsonNode container, List<Place> places) {
        if (container instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> each : object.properties()) {
                places.add(new Place(object, each.getKey(), 0, each.getValue()));
                collect(each.getValue(), places);
            }
        } else if (container instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                places.add(new Place(array, "", i, array.get(i)));
                collect(array.get(i), places);
            }
        }
    }

    /** Where a value stands: under a name or a number. */
    private record Place(ContainerNode<?> in, String name, int index, JsonNode value) {
        private void edit(ByteBuffer edits, List<Place> all) {
            switch (edits.get() & 7) {
                case 0 -> remove();
                case 1 -> set(VALUES.get(number(edits, VALUES.size())).deepCopy());
                case 2 -> set(IntNode.valueOf(edits.getShort()));
                case 3 -> set(TextNode.valueOf(text(edits)));
                case 4 -> set(all.get(number(edits, all.size())).value().deepCopy());
                case 5 -> add(text(edits), value().deepCopy());
                case 6 -> {
                    remove();
                    add(text(edits), value());
                }
                default -> set(TextNode.valueOf(value().asText() + text(edits)));
            }
        }

        private void remove() {
            if (in instanceof ObjectNode object) {
                object.remove(name);
            } else if (in instanceof ArrayNode array) {
                array.remove(index);
            }
        }

        private void set(JsonNode to) {
            if (in instanceof ObjectNode object) {
                object.set(name, to);
            } else if (in instanceof ArrayNode array) {
                array.set(index, to);
            }
        }

        private void add(String as, JsonNode added) {
            if (in instanceof ObjectNode object) {
                object.set(as, added);
            } else if (in instanceof ArrayNode array) {
                array.add(added);
            }
        }
    }

    private static byte[] bytes(byte[] good, ByteBuffer edits) {
        byte[] changed = good.clone();
        try {
            while (edits.hasRemaining() && changed.length > 0) {
                int at = number(edits, changed.length);
                ByteBuffer from = ByteBuffer.wrap(changed, at, changed.length - at);
                switch (edits.get() & 3) {
                    case 0 -> changed[at] = edits.get();
                    case 1 -> {
                        long value = NUMBERS[edits.get() & 7];
                        from.order((at & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
                        if (from.remaining() >= Long.BYTES) {
                            from.putLong(value);
                        }
                    }
                    case 2 -> changed = Arrays.copyOf(changed, at);
                    default -> {
                        byte[] some = text(edits).getBytes(StandardCharsets.ISO_8859_1);
                        from.put(some, 0, Math.min(some.length, from.remaining()));
                    }
                }
            }
        } catch (BufferUnderflowException end) {
            // of the list of changes
        }
        return changed;
    }

    private static int number(ByteBuffer edits, int below) {
        int number = below > 256 ? edits.getShort() & 0xFFFF : edits.get() & 0xFF;
        return number % below;
    }

    private static String text(ByteBuffer edits) {
        byte[] text = new byte[Math.min(edits.get() & 63, edits.remaining())];
        edits.get(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static List<JsonNode> values(String list) {
        try {
            List<JsonNode> values = new ArrayList<>();
            JSON.readTree("[" + list + "]").forEach(values::add);
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
