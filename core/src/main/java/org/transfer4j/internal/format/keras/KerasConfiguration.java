package org.transfer4j.internal.format.keras;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.transfer4j.error.WeightsException;

/**
 * The configuration of a whole model in a file of Keras: the attribute {@code model_config} of an {@code .h5} file, the
 * entry {@code config.json} of a {@code .keras} file. Which of them it is is seen from the content.
 */
public final class KerasConfiguration {
    /** No configuration is longer. That of a network of 500 layers has half a MiB. */
    static final int LARGEST = 32 << 20;

    private static final String ATTRIBUTE = "model_config";

    private KerasConfiguration() {}

    /**
     * Reads the JSON.
     *
     * @param path the file
     * @throws WeightsException if it is neither kind of file, damaged, or holds weights alone
     */
    public static String read(Path path) {
        Optional<String> inArchive = KerasModelFile.configuration(path, LARGEST);
        if (inArchive.isPresent()) {
            return inArchive.orElseThrow();
        }
        Hdf5 file = KerasModelFile.weights(path);
        List<String> texts = file.strings(file.root(), ATTRIBUTE).orElse(List.of());
        if (texts.size() != 1) {
            throw new WeightsException(
                    path,
                    "holds no model: it has no attribute " + ATTRIBUTE
                            + ". Keras writes models with model.save(...); a file of weights alone goes with a backbone"
                            + " that is known, as Weights.file");
        }
        if (texts.get(0).length() > LARGEST) {
            throw new WeightsException(path, ATTRIBUTE + " has more than " + LARGEST + " characters");
        }
        return texts.get(0);
    }
}
