package org.transfer4j.internal.weights;

import java.nio.file.Path;
import java.util.List;
import org.transfer4j.error.WeightsException;

/**
 * The layers with weights in a file of Keras, whichever of its layouts it has.
 *
 * @param path the file
 * @param layers the layers, sequence by sequence in the network's order
 */
record KerasFile(Path path, List<KerasLayer> layers) {
    /** Reads names and shapes; the values are read when they are asked for. */
    static KerasFile open(Path path) {
        return of(Hdf5.open(path));
    }

    static KerasFile of(Hdf5 file) {
        List<KerasLayer> layers = LegacyLayout.read(file)
                .or(() -> Keras3Layout.read(file))
                .orElseThrow(() -> new WeightsException(
                        file.path(),
                        "holds no weights of Keras: neither an attribute layer_names nor groups called vars; at its"
                                + " root are "
                                + file.children(file.root()).stream()
                                        .limit(10)
                                        .map(node -> node.getName())
                                        .toList()));
        return new KerasFile(file.path(), layers);
    }
}
