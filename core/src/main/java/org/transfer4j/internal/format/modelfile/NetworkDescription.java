package org.transfer4j.internal.format.modelfile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.transfer4j.backbone.Precision;
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
}
