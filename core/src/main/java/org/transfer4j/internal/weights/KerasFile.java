package org.transfer4j.internal.weights;

import java.io.Closeable;
import java.util.List;
import org.transfer4j.error.WeightsException;

/** The layers with weights in a file of Keras, whichever of its layouts it has. */
final class KerasFile {
    /** Where a {@code .keras} archive has its weights, in the layout of {@code .weights.h5}. */
    static final String WEIGHTS_ENTRY = "model.weights.h5";

    private KerasFile() {}

    /** Reads names and shapes; the values are read when they are asked for. */
    static WeightsFile read(Hdf5 file, Closeable source) {
        List<StoredLayer> learned =
                layers(file).stream().filter(layer -> !isNormalization(layer)).toList();
        return new WeightsFile(file.path(), new KerasArrays(), learned, source);
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

    /**
     * Whether it is a layer {@code Normalization}, which has a mean, a variance and a count. Keras has it in networks whose
     * preprocessing is inside; here preprocessing is outside.
     */
    private static boolean isNormalization(StoredLayer layer) {
        return layer.arrays().size() == 3
                && layer.arrays().get(0).rank() == 1
                && layer.arrays().get(1).rank() == 1
                && layer.arrays().get(2).rank() == 0;
    }
}
