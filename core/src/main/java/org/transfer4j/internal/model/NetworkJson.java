package org.transfer4j.internal.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.transfer4j.backbone.Precision;

/** The two entries whose JSON is ours: {@code network.json} and {@code labels.json}. */
final class NetworkJson {
    private static final String NETWORK = ModelEntries.NETWORK;

    private static final String PRECISION = "precision";

    private NetworkJson() {}

    static byte[] write(NetworkDescription network) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("inputHeight", network.inputHeight());
        root.put("inputWidth", network.inputWidth());
        root.put("inputChannels", network.inputChannels());
        network.cutVertex().ifPresentOrElse(vertex -> root.put("cutVertex", vertex), () -> root.putNull("cutVertex"));
        network.frozenLayers().forEach(root.putArray("frozenLayers")::add);
        if (network.precision() != Precision.FLOAT32) {
            root.put(PRECISION, network.precision().name());
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
                precision(root));
    }

    /** Files of libraries that knew only float do not say it. */
    private static Precision precision(JsonNode root) throws MalformedModelException {
        if (!root.has(PRECISION)) {
            return Precision.FLOAT32;
        }
        String name = StrictJson.text(NETWORK, root, PRECISION);
        for (Precision precision : Precision.values()) {
            if (precision.name().equals(name)) {
                return precision;
            }
        }
        throw new MalformedModelException(NETWORK + ": " + PRECISION + " must be one of "
                + Arrays.toString(Precision.values()) + ", but is \"" + name + "\"");
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
            if (!seen.add(name)) {
                throw new MalformedModelException(ModelEntries.LABELS + " has the class \"" + name + "\" twice");
            }
        }
        return names;
    }

    private static int positive(JsonNode root, String property) throws MalformedModelException {
        return (int) StrictJson.whole(NETWORK, root, property, 1, Integer.MAX_VALUE);
    }
}
