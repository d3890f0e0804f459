package org.transfer4j.internal.format.keras;

import java.io.Closeable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.WeightsFile;

/** The layers with weights in a file of Keras, whichever of its layouts it has. */
public final class KerasFile {
    /** Where a {@code .keras} archive has its weights, in the layout of {@code .weights.h5}. */
    public static final String WEIGHTS_ENTRY = "model.weights.h5";

    private KerasFile() {}

    /** Reads names and shapes; the values are read when they are asked for. */
    public static WeightsFile read(Hdf5 file, Closeable source) {
        Map<Boolean, List<StoredLayer>> layers =
                layers(file).stream().collect(Collectors.partitioningBy(KerasNormalization::isOne));
        return new WeightsFile(
                file.path(),
                new KerasArrays(),
                layers.getOrDefault(false, List.of()),
                layers.getOrDefault(true, List.of()),
                source);
    }

    /** All layers that have numbers, also those that are preprocessing. */
    static List<StoredLayer> layers(Hdf5 file) {
        return LegacyLayout.read(file)
                .or(() -> Keras3Layout.read(file))
                .orElseThrow(() -> new WeightsException(
                        file.path(),
                        "holds no weights of Keras: neither an attribute layer_names nor groups called vars; at its"
                                + " root are "
                                + file.children(file.root()).stream()
                                        .limit(10)
                                        .map(node -> node.getName())
                                        .toList()));
    }
}
