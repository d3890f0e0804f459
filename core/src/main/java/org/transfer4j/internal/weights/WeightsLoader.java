package org.transfer4j.internal.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.download.Downloader;
import org.transfer4j.internal.download.RemoteFile;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.keras.KerasNormalization;
import org.transfer4j.internal.format.safetensors.TorchArrays;
import org.transfer4j.internal.format.safetensors.WeightsOrigin;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Gets weights from where a description says and brings them into the ops' shapes. */
public final class WeightsLoader {
    private WeightsLoader() {}

    /**
     * Reads the weights of a backbone.
     *
     * @param weights where they come from; random ones are not loaded
     * @param source the backbone's own pretrained weights, empty where it has none
     * @param network the layers that want them
     * @return as {@code ParameterValues} has them: float, C order, owned by the caller
     * @throws WeightsException if the file is damaged, of an unknown format, or of another network
     * @throws org.transfer4j.error.DownloadException if the weights are neither in the cache nor to be had
     * @throws IllegalArgumentException if the weights are random, or pretrained where the backbone has no such
     */
    public static Map<String, Map<String, INDArray>> load(
            Weights weights, Optional<PretrainedWeights> source, NetworkLayers network) {
        if (weights instanceof Weights.FromFile file) {
            return read(() -> WeightsFormat.open(file.path()), network);
        }
        if (weights instanceof Weights.Pretrained pretrained) {
            PretrainedWeights own = source.orElseThrow(() -> new IllegalArgumentException(
                    "the backbone has no pretrained weights; name a file by Weights.file(...), or Weights.random()"));
            pretrained.dataset().ifPresent(dataset -> {
                if (!dataset.equals(own.trainedOn())) {
                    throw new IllegalArgumentException(
                            "the backbone's weights were trained on " + own.trainedOn() + ", not on " + dataset);
                }
            });
            if (own.isBundled()) {
                return read(() -> WeightsFormat.open(Path.of(own.name()), BundledFile.open(own)), network);
            }
            Path file = fetched(own, pretrained);
            return read(() -> WeightsFormat.open(file), network);
        }
        throw new IllegalArgumentException("weights that are " + weights + " are not loaded");
    }

    private static Map<String, Map<String, INDArray>> read(Supplier<WeightsFile> opening, NetworkLayers network) {
        return of(opening, file -> {
            Map<String, Map<String, INDArray>> arrays = new LinkedHashMap<>();
            new LayerMatching(file, network)
                    .match()
                    .forEach((layer, stored) -> arrays.putAll(layer.read(stored, file.layout())));
            return arrays;
        });
    }

    /**
     * What a layer Normalization in a file of Keras does to pixels, where a preprocessing does something else.
     *
     * @param path the file
     * @param given the preprocessing
     * @return empty where there is no such layer, or nothing differs
     * @throws WeightsException if the file can't be read
     */
    public static Optional<String> normalizationBesides(Path path, ImagePreprocessing given) {
        return of(
                path,
                file -> file.normalizations().stream()
                        .flatMap(layer -> KerasNormalization.differs(layer, given).stream())
                        .findFirst());
    }

    private static Path fetched(PretrainedWeights weights, Weights.Pretrained how) {
        DownloadSettings settings = how.download().orElseGet(DownloadSettings::defaults);
        return new Downloader(settings)
                .fetch(new RemoteFile(
                        weights.name(), weights.source(), weights.size(), weights.checksum(), weights.licence()));
    }

    /** Whether a file is by PyTorch: safetensors. */
    public static boolean isByTorch(Path path) {
        return of(path, file -> file.layout() instanceof TorchArrays);
    }

    /** Who wrote a file; empty where it does not say that it was this library. */
    public static Optional<WeightsOrigin> origin(Path path) {
        return of(path, file -> WeightsOrigin.of(file.metadata()));
    }

    private static <T> T of(Path path, Function<WeightsFile, T> question) {
        return of(() -> WeightsFormat.open(path), question);
    }

    private static <T> T of(Supplier<WeightsFile> opening, Function<WeightsFile, T> question) {
        return Interruption.deferred(() -> {
            try (WeightsFile file = opening.get()) {
                return question.apply(file);
            }
        });
    }
}
