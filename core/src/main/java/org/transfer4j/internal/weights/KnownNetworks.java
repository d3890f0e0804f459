package org.transfer4j.internal.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Networks whose weights are published, known by what their layers are called, how many there are of each kind, and how
 * wide some are; so that a file of one that is given to another is called by its name.
 *
 * <p>They are rows of the text {@value #FILE} beside this class. A row's marks are {@code name=count}, where names count as
 * they are and with each number in them written as {@code #}; {@code name@inputs:outputs}, the ratio of a convolution's inputs
 * (of a group) to its outputs; and {@code name+arrays}.
 */
final class KnownNetworks {
    private static final String FILE = "known-networks.txt";

    /** A number, also with the letter of EfficientNet's "block2a_dwconv". */
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:[a-z](?=_))?");

    private static final Pattern MARK = Pattern.compile("([^=@+]+)([=@+])(\\d+)(?::(\\d+))?");

    private static final List<Known> TABLE = table();

    private KnownNetworks() {}

    /**
     * A network.
     *
     * @param program whose names the layers have
     * @param backbones the methods of Backbone that describe it: none, one, or one for TensorFlow's padding and one for
     *     PyTorch's
     */
    record Known(String name, String program, String marks, List<String> backbones) {
        @Override
        public String toString() {
            return name + " as " + program + " name" + (program.contains(" and ") ? "" : "s") + " its layers, "
                    + (backbones.isEmpty()
                            ? "of which there is no backbone here"
                            : "see Backbone." + String.join("() or Backbone.", backbones) + "()");
        }
    }

    private static List<Known> table() {
        try (InputStream in = KnownNetworks.class.getResourceAsStream(FILE)) {
            String text = new String(Objects.requireNonNull(in, FILE).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.startsWith("# "))
                    .map(KnownNetworks::row)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + FILE, e);
        }
    }

    private static Known row(String line) {
        String[] columns = line.split(" \\| ", -1);
        return new Known(
                columns[0],
                columns[1],
                columns[2],
                columns.length > 3 ? List.of(columns[3].split(" ", -1)) : List.of());
    }

    /**
     * A layer's kernel.
     *
     * @param inputs of a group; 0 where that is not known, or it is no convolution's
     * @param outputs as many; 0 as before
     * @param arrays how many arrays the layer has, with the kernel; 0 where that is not known
     */
    record Kernel(long inputs, long outputs, int arrays) {}

    /**
     * Recognises a network.
     *
     * @param layers by name, at least those below its top
     */
    static Optional<Known> of(Map<String, Kernel> layers) {
        Map<String, Integer> counts = new HashMap<>();
        for (String layer : layers.keySet()) {
            String numbered = NUMBER.matcher(layer).replaceAll("#");
            counts.merge(numbered, 1, Integer::sum);
            if (!numbered.equals(layer)) {
                counts.put(layer, 1);
            }
        }
        return TABLE.stream()
                .filter(known ->
                        Arrays.stream(known.marks.split(" ", -1)).allMatch(mark -> isThere(mark, counts, layers)))
                .findFirst();
    }

    private static boolean isThere(String mark, Map<String, Integer> counts, Map<String, Kernel> layers) {
        Matcher parts = MARK.matcher(mark);
        if (!parts.matches()) {
            throw new IllegalStateException("a mark is name=count, name@inputs:outputs or name+arrays, not " + mark);
        }
        long number = Long.parseLong(parts.group(3));
        Kernel kernel = layers.getOrDefault(parts.group(1), new Kernel(0, 0, 0));
        return switch (parts.group(2)) {
            case "=" -> counts.getOrDefault(parts.group(1), 0) == number;
            case "+" -> kernel.arrays() == number;
            default ->
                kernel.inputs() > 0 && kernel.inputs() * Long.parseLong(parts.group(4)) == kernel.outputs() * number;
        };
    }
}
