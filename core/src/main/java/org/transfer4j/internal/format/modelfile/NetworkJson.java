package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * The two entries whose JSON is ours: {@code network.json} and {@code labels.json}. What is as it always was before is not
 * said: files of libraries that knew nothing else are read and written alike.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record NetworkJson(
        int inputHeight,
        int inputWidth,
        int inputChannels,

        @JsonInclude @JsonProperty(required = true) @Nullable
        String cutVertex,

        List<String> frozenLayers,
        @Nullable Boolean batchStatistics,
        @Nullable Precision precision,
        @Nullable Map<String, Algorithm> algorithms) {
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Labels(List<String> classNames) {}

    static byte[] write(NetworkDescription network) {
        return bytes(new NetworkJson(
                network.inputHeight(),
                network.inputWidth(),
                network.inputChannels(),
                network.cutVertex().orElse(null),
                network.frozenLayers(),
                network.batchStatistics() ? true : null,
                network.precision() == Precision.FLOAT32 ? null : network.precision(),
                network.algorithms().isEmpty() ? null : new TreeMap<>(network.algorithms())));
    }

    static NetworkDescription read(JsonNode json) throws MalformedModelException {
        NetworkJson stored = read(ArchiveKind.Entries.NETWORK, json, NetworkJson.class);
        try {
            return new NetworkDescription(
                    stored.inputHeight,
                    stored.inputWidth,
                    stored.inputChannels,
                    Optional.ofNullable(stored.cutVertex),
                    stored.frozenLayers,
                    stored.batchStatistics != null && stored.batchStatistics,
                    Objects.requireNonNullElse(stored.precision, Precision.FLOAT32),
                    Objects.requireNonNullElse(stored.algorithms, Map.of()));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(ArchiveKind.Entries.NETWORK + ": " + e.getMessage(), e);
        }
    }

    static byte[] writeLabels(List<String> classNames) {
        return bytes(new Labels(classNames));
    }

    static List<String> readLabels(JsonNode json) throws MalformedModelException {
        List<String> names =
                read(ArchiveKind.Entries.LABELS, json, Labels.class).classNames();
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            Optional<String> flaw = LabelText.unusable(name);
            if (flaw.isPresent()) {
                throw new MalformedModelException(ArchiveKind.Entries.LABELS + " has a class whose name, \""
                        + LabelText.shown(name) + "\", has " + flaw.get());
            }
            if (!seen.add(LabelText.normal(name))) {
                throw new MalformedModelException(ArchiveKind.Entries.LABELS + " has the class \"" + name + "\" twice");
            }
        }
        return names.stream().map(LabelText::normal).toList();
    }

    static byte[] bytes(Object value) {
        return Json.write(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Reads an entry. */
    static <T> T read(String entry, JsonNode json, Class<T> type) throws MalformedModelException {
        try {
            return Json.read(json, entry, type);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(String.valueOf(e.getMessage()), e);
        }
    }
}
