package org.transfer4j.internal.format.keras;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A layer Normalization in a file of Keras: a mean, a variance and a count, of each channel of images. Keras has it in
 * networks whose preprocessing is inside, as EfficientNet's is; here preprocessing is outside, and must do the same.
 */
public final class KerasNormalization {
    private static final int CHANNELS = 3;
    private static final float WHITE = 255;
    private static final float TOLERANCE = 2e-3f;

    /**
     * What Keras' published weights of EfficientNet have for variances: the deviations. Its network divides by their roots
     * once more (keras.applications.efficientnet, TensorFlow issue 49930).
     */
    private static final float[] PUBLISHED = {0.229f, 0.224f, 0.225f};

    private KerasNormalization() {}

    static boolean isOne(StoredLayer layer) {
        List<StoredArray> arrays = layer.arrays();
        return arrays.size() == 3
                && arrays.get(0).shape().length == 1
                && arrays.get(1).shape().length == 1
                && arrays.get(2).shape().length == 0;
    }

    /**
     * What it does, where a preprocessing does something else. Whether a division by 255 comes before it, no file of
     * weights tells: either will do.
     */
    public static Optional<String> differs(StoredLayer layer, ImagePreprocessing given) {
        if (!layer.arrays().get(0).hasShape(CHANNELS)) {
            return Optional.of("a layer Normalization, " + layer.name() + ", of other than three channels: "
                    + layer.arrays().get(0).shapeText());
        }
        float[] mean = layer.arrays().get(0).read(CHANNELS);
        float[] variance = layer.arrays().get(1).read(CHANNELS);
        float[] deviation = new float[CHANNELS];
        boolean published = true;
        for (int channel = 0; channel < CHANNELS; channel++) {
            deviation[channel] = (float) Math.max(Math.sqrt(variance[channel]), 1e-7);
            published &= Math.abs(variance[channel] - PUBLISHED[channel]) < TOLERANCE;
        }
        boolean same = isSame(given, mean, deviation, WHITE)
                || isSame(given, mean, deviation, 1)
                || (published && isSame(given, mean, variance, WHITE));
        return same
                ? Optional.empty()
                : Optional.of("a layer Normalization, " + layer.name() + ", of the mean " + Arrays.toString(mean)
                        + " and the variance " + Arrays.toString(variance)
                        + "; behind a division by 255, as in EfficientNet, that is ImagePreprocessing.standardized("
                        + Arrays.toString(mean) + ", " + Arrays.toString(deviation) + ")");
    }

    private static boolean isSame(ImagePreprocessing given, float[] mean, float[] deviation, float scale) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (float pixel : new float[] {0, WHITE}) {
                float value = (pixel / scale - mean[channel]) / deviation[channel];
                float difference = Math.abs(given.apply(channel, pixel) - value);
                if (given.sourceChannel(channel) != channel || difference > TOLERANCE * Math.max(1, Math.abs(value))) {
                    return false;
                }
            }
        }
        return true;
    }
}
