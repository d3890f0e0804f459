package org.transfer4j.internal.format.safetensors;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * What this library says of weights that it writes, in the metadata of the safetensors file.
 *
 * @param version the library's
 * @param preprocessing of the images that they were trained on, empty where a later version wrote one that is not known
 */
public record WeightsOrigin(String version, Optional<ImagePreprocessing> preprocessing) {
    private static final String LIBRARY = "library";
    private static final String NAME = "Transfer4J";
    private static final String VERSION = "version";
    private static final String PREPROCESSING = "preprocessing";

    Map<String, String> metadata() {
        return preprocessing
                .map(mode -> Map.of(LIBRARY, NAME, VERSION, version, PREPROCESSING, mode.toJson()))
                .orElseGet(() -> Map.of(LIBRARY, NAME, VERSION, version));
    }

    /** Empty where it was not this library that wrote. */
    public static Optional<WeightsOrigin> of(Map<String, String> metadata) {
        return NAME.equals(metadata.get(LIBRARY))
                ? Optional.of(new WeightsOrigin(
                        metadata.getOrDefault(VERSION, ""), preprocessing(metadata.get(PREPROCESSING))))
                : Optional.empty();
    }

    private static Optional<ImagePreprocessing> preprocessing(@Nullable String json) {
        try {
            return Optional.ofNullable(json).map(ImagePreprocessing::fromJson);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
