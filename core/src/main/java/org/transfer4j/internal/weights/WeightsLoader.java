package org.transfer4j.internal.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.download.Downloader;
import org.transfer4j.internal.download.RemoteFile;

/** Gets weights from where a description says and brings them into DL4J's layout. */
public final class WeightsLoader {
    private WeightsLoader() {}

    /**
     * Reads the weights of a backbone.
     *
     * @param weights where they come from; random ones are not loaded
     * @param source the backbone's own pretrained weights, empty where it has none
     * @param expected the layers in the network's order, each with DL4J's names of its parameters ("W", "b", "gamma",
     *     "beta", "mean", "var") and their shapes in DL4J
     * @return arrays of those names and shapes: float, C order, owned by the caller
     * @throws WeightsException if the file is damaged, of an unknown format, or of another network
     * @throws org.transfer4j.error.DownloadException if the weights are neither in the cache nor to be had
     * @throws IllegalArgumentException if the weights are random, or pretrained where the backbone has no such
     */
    public static Map<String, Map<String, INDArray>> load(
            Weights weights, Optional<PretrainedWeights> source, Map<String, Map<String, long[]>> expected) {
        return load(weights, source, expected, Set.of());
    }

    /**
     * Reads the weights of a backbone that has depthwise convolutions.
     *
     * @param depthwise the names of those among the layers that are depthwise convolutions
     * @see #load(Weights, Optional, Map)
     */
    public static Map<String, Map<String, INDArray>> load(
            Weights weights,
            Optional<PretrainedWeights> source,
            Map<String, Map<String, long[]>> expected,
            Set<String> depthwise) {
        List<LayerShapes> wanted = expected.entrySet().stream()
                .map(layer -> LayerShapes.of(layer.getKey(), depthwise.contains(layer.getKey()), layer.getValue()))
                .toList();
        KerasFile file = KerasFile.open(locate(weights, source));
        Map<String, Map<String, INDArray>> arrays = new LinkedHashMap<>();
        new LayerMatching(file, wanted)
                .match()
                .forEach((layer, stored) -> arrays.put(layer.name(), layer.read(stored)));
        return arrays;
    }

    /**
     * Reads one dense layer above the backbone, for a network whose head Keras has trained.
     *
     * @param path the file
     * @param layer the layer's name
     * @param flattened what a Flatten before it flattens, which decides the order of its rows;
     *     {@link FlattenedShape#none} where there is no Flatten
     * @param units how many values it gives
     * @return "W" [in, units] and "b" [1, units]: float, C order, owned by the caller
     * @throws WeightsException if the file is damaged, of an unknown format, or has no such layer
     */
    public static Map<String, INDArray> dense(Path path, String layer, FlattenedShape flattened, int units) {
        long[] kernelShape = {flattened.size(), units};
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("W", kernelShape);
        shapes.put("b", new long[] {1, units});
        LayerShapes wanted = LayerShapes.of(layer, false, shapes);
        KerasFile file = KerasFile.open(path);
        List<KerasLayer> found = file.layers().stream()
                .filter(stored -> stored.name().equals(layer))
                .toList();
        if (found.size() != 1) {
            throw new WeightsException(
                    path,
                    "holds " + found.size() + " layers called " + layer + "; its layers are "
                            + file.layers().stream().map(KerasLayer::name).toList());
        }
        KerasLayer stored = found.get(0);
        wanted.misfit(stored).ifPresent(misfit -> {
            throw new WeightsException(path, misfit);
        });
        float[] kernel = stored.arrays().get(0).read(kernelShape);
        float[] bias = stored.arrays().get(1).read(units);
        Map<String, INDArray> parameters = new LinkedHashMap<>();
        float[] rows = KerasConversion.flattenedRows(kernel, flattened, units);
        parameters.put("W", Nd4j.create(rows, kernelShape, 'c'));
        parameters.put("b", Nd4j.create(bias, new long[] {1, units}, 'c'));
        return parameters;
    }

    private static Path locate(Weights weights, Optional<PretrainedWeights> source) {
        if (weights instanceof Weights.FromFile file) {
            return file.path();
        }
        if (weights instanceof Weights.Pretrained pretrained) {
            PretrainedWeights own = source.orElseThrow(
                    () -> new IllegalArgumentException("the backbone has no pretrained weights, name a file"));
            pretrained.dataset().ifPresent(dataset -> {
                if (!dataset.equals(own.trainedOn())) {
                    throw new IllegalArgumentException(
                            "the backbone's weights were trained on " + own.trainedOn() + ", not on " + dataset);
                }
            });
            DownloadSettings settings = pretrained.download().orElseGet(DownloadSettings::defaults);
            return new Downloader(settings)
                    .fetch(new RemoteFile(own.name(), own.source(), own.size(), own.checksum(), own.licence()));
        }
        throw new IllegalArgumentException("weights that are " + weights + " are not loaded");
    }
}
