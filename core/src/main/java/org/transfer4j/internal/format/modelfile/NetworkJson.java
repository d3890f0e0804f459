package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.trunk.Algorithm;

/** The two entries whose JSON is ours: {@code network.json} and {@code labels.json}. */
final class NetworkJson {
    private static final String NETWORK = ModelEntries.NETWORK;

    private static final String BATCH_STATISTICS = "batchStatistics";
    private static final String PRECISION = "precision";
    private static final String ALGORITHMS = "algorithms";

    private NetworkJson() {}

    static byte[] write(NetworkDescription network) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("inputHeight", network.inputHeight());
        root.put("inputWidth", network.inputWidth());
        root.put("inputChannels", network.inputChannels());
        network.cutVertex().ifPresentOrElse(vertex -> root.put("cutVertex", vertex), () -> root.putNull("cutVertex"));
        network.frozenLayers().forEach(root.putArray("frozenLayers")::add);
        if (network.batchStatistics()) {
            root.put(BATCH_STATISTICS, true);
        }
        if (network.precision() != Precision.FLOAT32) {
            root.put(PRECISION, network.precision().name());
        }
        if (!network.algorithms().isEmpty()) {
            ObjectNode algorithms = root.putObject(ALGORITHMS);
            new TreeMap<>(network.algorithms()).forEach((size, algorithm) -> algorithms.put(size, algorithm.name()));
        }
        return StrictJson.encode(root);
    }

    static NetworkDescription read(String json) throws MalformedModelException {
        JsonNode root = StrictJson.parse(NETWORK, json);
        return new NetworkDescription(
                positive(root, "inputHeight"),
                positive(root, "inputWidth"),
                positive(root, "inputChannels"),
                root.path("cutVertex").isNull()
                        ? Optional.empty()
                        : Optional.of(StrictJson.text(NETWORK, root, "cutVertex")),
                StrictJson.texts(NETWORK, root, "frozenLayers"),
                batchStatistics(root),
                precision(root),
                algorithms(root));
    }

    /** Where nothing is said they are still: files of libraries that knew only the other way hold weights that were learned. */
    private static boolean batchStatistics(JsonNode root) throws MalformedModelException {
        JsonNode stored = root.path(BATCH_STATISTICS);
        if (!stored.isMissingNode() && !stored.isBoolean()) {
            throw new MalformedModelException(
                    NETWORK + ": " + BATCH_STATISTICS + " must be true or false, but is " + StrictJson.shown(stored));
        }
        return stored.booleanValue();
    }

    /** Files of libraries that knew only float do not say it. */
    private static Precision precision(JsonNode root) throws MalformedModelException {
        if (!root.has(PRECISION)) {
            return Precision.FLOAT32;
        }
        return constant(root, PRECISION, Precision.values());
    }

    /** Where the library's table was followed nothing is said. */
    private static Map<String, Algorithm> algorithms(JsonNode root) throws MalformedModelException {
        JsonNode chosen = root.path(ALGORITHMS);
        Map<String, Algorithm> algorithms = new HashMap<>();
        Iterator<String> sizes = chosen.fieldNames();
        while (sizes.hasNext()) {
            String size = sizes.next();
            algorithms.put(size, constant(chosen, size, Algorithm.values()));
        }
        return algorithms;
    }

    private static <E extends Enum<E>> E constant(JsonNode node, String property, E[] constants)
            throws MalformedModelException {
        String name = StrictJson.text(NETWORK, node, property);
        for (E constant : constants) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new MalformedModelException(NETWORK + ": " + property + " must be one of " + Arrays.toString(constants)
                + ", but is \"" + name + "\"");
    }

    static byte[] writeLabels(List<String> classNames) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        classNames.forEach(root.putArray("classNames")::add);
        return StrictJson.encode(root);
    }

    static List<String> readLabels(String json) throws MalformedModelException {
        List<String> names =
                StrictJson.texts(ModelEntries.LABELS, StrictJson.parse(ModelEntries.LABELS, json), "classNames");
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (LabelText.undecoded(name).isPresent()) {
                throw new MalformedModelException(ModelEntries.LABELS + " has a class whose name was not decoded, \""
                        + name + "\": it has " + LabelText.undecoded(name).get());
            }
            if (!seen.add(LabelText.normal(name))) {
                throw new MalformedModelException(ModelEntries.LABELS + " has the class \"" + name + "\" twice");
            }
        }
        return names.stream().map(LabelText::normal).toList();
    }

    private static int positive(JsonNode root, String property) throws MalformedModelException {
        return (int) StrictJson.whole(NETWORK, root, property, 1, Integer.MAX_VALUE);
    }
}
