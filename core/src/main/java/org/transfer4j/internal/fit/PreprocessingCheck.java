package org.transfer4j.internal.fit;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Warns of a preprocessing that the backbone was not trained with. Its lowest batch normalization remembers mean and
 * variance of what came there in its training: with the right preprocessing images give about the same, with that of
 * another scale they lie off by many deviations, or all but in one place.
 */
final class PreprocessingCheck {
    private static final Logger LOG = LoggerFactory.getLogger(PreprocessingCheck.class);

    /** Other images than those that a network was trained on lie off by one deviation or two. */
    private static final double MOST_DEVIATIONS = 4;

    /** Images of one sort are a few times more alike than those that a network was trained on. */
    private static final double LEAST_SPREAD = 0.1;

    /** About what batch normalization itself adds to a variance, so that channels where nothing happens count little. */
    private static final double SMALLEST_VARIANCE = 1e-3;

    private static final int IMAGES = 32;

    private static final List<ImagePreprocessing> KNOWN = List.of(
            ImagePreprocessing.tf(),
            ImagePreprocessing.torch(),
            ImagePreprocessing.caffe(),
            ImagePreprocessing.unit(),
            ImagePreprocessing.none());

    private final Settings.NetworkSettings network;
    private final Settings.Data data;
    private final Map<String, Map<String, INDArray>> parameters;
    private boolean done;

    /**
     * A check.
     *
     * @param phase the settings, with the network of the phase that learns
     * @param parameters those of the lowest layers, as {@code ParameterValues} has them
     */
    PreprocessingCheck(Settings phase, Map<String, Map<String, INDArray>> parameters) {
        this.network = phase.network();
        this.data = phase.data();
        this.parameters = parameters;
    }

    /** Looks at some images of the data, and warns. */
    void warn(ImageDataset images) {
        warn(() -> pixels(images));
    }

    /** The same images, which can be read but once: the first of them are looked at as they pass. */
    BatchStream watched(BatchStream images) {
        return new BatchStream() {
            @Override
            public boolean hasNext() {
                return images.hasNext();
            }

            @Override
            public Batch next() {
                Batch batch = images.next();
                warn(() -> pixels(batch.features()));
                return batch;
            }

            @Override
            public void close() {
                images.close();
            }
        };
    }

    /** A side thing, done once: whatever goes wrong here, the work goes on. */
    private void warn(Supplier<INDArray> pixels) {
        if (done) {
            return;
        }
        done = true;
        try {
            if (isTrained()) {
                lowestNormalization().flatMap(layer -> complaint(layer, pixels)).ifPresent(LOG::warn);
            }
        } catch (RuntimeException e) {
            LOG.debug("the preprocessing could not be checked", e);
        }
    }

    private boolean isTrained() {
        return network.start()
                .map(start -> !start.batchStatistics())
                .orElseGet(() -> !(network.weights() instanceof Weights.Random));
    }

    private Optional<String> lowestNormalization() {
        Map<String, List<Network.Node>> layers = body().layers();
        return network.sized().trainedLayers(Freeze.NONE).stream()
                .filter(name -> layers.getOrDefault(name, List.of()).stream()
                        .anyMatch(node -> node.op() instanceof Op.Normalization))
                .findFirst()
                .filter(parameters::containsKey);
    }

    private Optional<String> complaint(String layer, Supplier<INDArray> images) {
        Statistics stored = stored(layer);
        if (stored.isUntrained()) {
            return Optional.empty();
        }
        try (Trunk below = below(layer)) {
            INDArray pixels = images.get();
            Misfit given = misfit(below, pixels, data.preprocessing(), stored);
            if (given.isSmall()) {
                return Optional.empty();
            }
            Optional<Misfit> best = KNOWN.stream()
                    .flatMap(known -> attempt(below, pixels, known, stored))
                    .min(Comparator.comparingDouble(Misfit::divergence))
                    .filter(Misfit::isSmall);
            // images that are nearly alike spread little whatever is done to them
            return given.deviations() <= MOST_DEVIATIONS && best.isEmpty()
                    ? Optional.empty()
                    : Optional.of(complaint(layer, given, best));
        }
    }

    private String complaint(String layer, Misfit given, Optional<Misfit> best) {
        return "the weights of " + network.backbone().name() + " seem to be trained with another preprocessing than "
                + given.preprocessing() + ", with which the images come to " + layer + " " + given + ". "
                + best.map(misfit -> "TransferLearner.preprocessing(ImagePreprocessing." + misfit.preprocessing()
                                + "()) would fit: " + misfit)
                        .orElse("None that the library has a name for fits; look up what they were trained with");
    }

    /** What computes the input of a layer. */
    private Trunk below(String layer) {
        Network body = body();
        String input = body.inputsOfLayer(layer).get(0);
        if (body.input().equals(input)) {
            return new Trunk.Identity(network.height(), network.width());
        }
        return TrunkCompiler.compile(new WeightedNetwork(body.below(input), parameters), Precision.FLOAT32);
    }

    private Network body() {
        return network.sized().network();
    }

    /** Some images from all over the data, [n, 3, H, W], values 0..255. */
    private INDArray pixels(ImageDataset images) {
        try (BatchStream some = new DatasetSource(images.shuffle(data.seed()).limit(IMAGES))
                .open(new NetworkInput(network.height(), network.width(), ImagePreprocessing.none()), IMAGES)) {
            return some.next().features().dup('c');
        }
    }

    /** The same of images that were preprocessed: whole numbers, unless they were left as they are. */
    private INDArray pixels(INDArray images) {
        ImagePreprocessing preprocessing = data.preprocessing();
        INDArray pixels = images.dup('c');
        if (preprocessing.equals(ImagePreprocessing.none())) {
            return pixels;
        }
        for (int channel = 0; channel < images.size(1); channel++) {
            float black = preprocessing.apply(channel, 0);
            float range = preprocessing.apply(channel, 255) - black;
            INDArray values = images.get(all(), point(channel)).sub(black).muli(255 / range);
            pixels.get(all(), point(preprocessing.sourceChannel(channel)))
                    .assign(Transforms.min(Transforms.max(Transforms.round(values), 0), 255));
        }
        return pixels;
    }

    /** Pixels that were scaled before the library got them pass {@code none} alone. */
    private static Stream<Misfit> attempt(
            Trunk below, INDArray pixels, ImagePreprocessing preprocessing, Statistics stored) {
        try {
            return Stream.of(misfit(below, pixels, preprocessing, stored));
        } catch (ImageException e) {
            return Stream.of();
        }
    }

    private static Misfit misfit(Trunk below, INDArray pixels, ImagePreprocessing preprocessing, Statistics stored) {
        try (INDArray values = below.infer(preprocessing.apply(pixels))) {
            double[] mean = values.mean(0, 2, 3).toDoubleVector();
            double[] variance = values.var(false, 0, 2, 3).toDoubleVector();
            return Misfit.of(preprocessing, Statistics.of(mean, variance), stored);
        }
    }

    private Statistics stored(String layer) {
        Network body = body();
        Network.Values values = ParameterValues.of(body, parameters);
        return body.layers().getOrDefault(layer, List.of()).stream()
                .filter(node -> node.op() instanceof Op.Normalization)
                .findFirst()
                .map(node -> Statistics.of(
                        values.of(node, Op.MEAN).toDoubleVector(),
                        values.of(node, Op.VARIANCE).toDoubleVector()))
                .orElseThrow();
    }

    /** Mean and variance of each channel. */
    private record Statistics(List<Double> mean, List<Double> variance) {
        static Statistics of(double[] mean, double[] variance) {
            return new Statistics(
                    DoubleStream.of(mean).boxed().toList(),
                    DoubleStream.of(variance).boxed().toList());
        }

        /** Whether they are those of a new layer. */
        boolean isUntrained() {
            return mean.stream().allMatch(value -> value == 0)
                    && variance.stream().allMatch(value -> value == 1);
        }
    }

    /**
     * How far what comes is from what is remembered.
     *
     * @param deviations from mean to mean, in standard deviations of what is remembered, root mean square of the channels
     * @param spread how many times as wide what comes is, geometric mean of the channels
     * @param divergence Kullback and Leibler's, of normal distributions, mean of the channels
     */
    private record Misfit(ImagePreprocessing preprocessing, double deviations, double spread, double divergence) {
        static Misfit of(ImagePreprocessing preprocessing, Statistics coming, Statistics stored) {
            int channels = stored.mean().size();
            double squares = 0;
            double logarithms = 0;
            double divergence = 0;
            for (int i = 0; i < channels; i++) {
                double variance = stored.variance().get(i) + SMALLEST_VARIANCE;
                double square = Math.pow(coming.mean().get(i) - stored.mean().get(i), 2) / variance;
                double ratio = (coming.variance().get(i) + SMALLEST_VARIANCE) / variance;
                squares += square;
                logarithms += Math.log(ratio);
                divergence += (ratio + square - 1 - Math.log(ratio)) / 2;
            }
            return new Misfit(
                    preprocessing,
                    Math.sqrt(squares / channels),
                    Math.exp(logarithms / channels / 2),
                    divergence / channels);
        }

        boolean isSmall() {
            return deviations <= MOST_DEVIATIONS && spread >= LEAST_SPREAD;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.1f standard deviations from the mean of the training, spread %.2g times as wide",
                    deviations,
                    spread);
        }
    }
}
