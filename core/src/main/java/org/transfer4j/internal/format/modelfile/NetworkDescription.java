package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * What the topology alone does not say about a network.
 *
 * @param inputHeight height of the images that enter the network, in pixels
 * @param inputWidth width of the images that enter the network, in pixels
 * @param inputChannels channels of the images that enter the network
 * @param cutVertex the last vertex of the frozen trunk, empty where nothing below the head is frozen
 * @param frozenLayers names of the layers that were not trained
 * @param batchStatistics whether batch normalization was trained by the batches' statistics
 * @param precision in what the frozen layers computed the features that the others were trained on
 * @param algorithms with what they computed convolutions, where that was measured
 */
public record NetworkDescription(
        int inputHeight,
        int inputWidth,
        int inputChannels,
        Optional<String> cutVertex,
        List<String> frozenLayers,
        boolean batchStatistics,
        Precision precision,
        Map<String, Algorithm> algorithms) {
    /** Checks the sizes and copies the list and the map. */
    public NetworkDescription {
        requirePositive("input height", inputHeight);
        requirePositive("input width", inputWidth);
        requirePositive("number of input channels", inputChannels);
        frozenLayers = List.copyOf(frozenLayers);
        algorithms = Map.copyOf(algorithms);
    }

    private static void requirePositive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("The " + what + " must be at least 1, but is " + value);
        }
    }

    /**
     * The entry {@code network.json}. What is as it always was before is not said: files of libraries that knew nothing else are
     * read and written alike.
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Stored(
            int inputHeight,
            int inputWidth,
            int inputChannels,

            @JsonInclude @JsonProperty(required = true) @Nullable
            String cutVertex,

            List<String> frozenLayers,
            @Nullable Boolean batchStatistics,
            @Nullable Precision precision,
            @Nullable Map<String, Algorithm> algorithms) {}

    byte[] toJson() {
        return Archive.bytes(new Stored(
                inputHeight,
                inputWidth,
                inputChannels,
                cutVertex.orElse(null),
                frozenLayers,
                batchStatistics ? true : null,
                precision == Precision.FLOAT32 ? null : precision,
                algorithms.isEmpty() ? null : new TreeMap<>(algorithms)));
    }

    static NetworkDescription fromJson(JsonNode json) throws MalformedModelException {
        Stored stored = Archive.value(ArchiveKind.Entries.NETWORK, json, Stored.class);
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
}
