package org.transfer4j.internal.calibration;

import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.internal.distance.Distances;

/** What is kept of the features of training images, to see how unlike them others are. Safe from several threads. */
public sealed interface KnownFeatures permits ClassDistances, Neighbours {
    /** How many features may be compared. */
    int WIDEST = 2048;

    /** What the names of arrays in a model file begin with. */
    String ARRAYS = "calibration.";

    /** How the distance is taken. */
    NoveltyScore score();

    /** How many features an image has. */
    int width();

    /** What says how large the arrays are: class means, or images. */
    int rows();

    /**
     * How unlike the training images an image is.
     *
     * @param features of length 1, {@link #width} of them
     * @return 0 or more, the more the stranger
     */
    float distance(float[] features);

    /** The arrays for a model file; to be closed by the caller. */
    Map<String, INDArray> arrays();

    /**
     * Learns.
     *
     * @param features of length 1, by image
     * @param classes of the images
     */
    static KnownFeatures of(NoveltyScore score, float[][] features, int[] classes) {
        return switch (score) {
            case MAHALANOBIS -> ClassDistances.of(features, classes);
            case NEAREST_NEIGHBOURS -> Neighbours.of(features, classes);
        };
    }

    /**
     * Takes its own arrays of a model file out of the others.
     *
     * @throws IllegalArgumentException if they are not of these sizes, or not finite
     */
    static KnownFeatures restored(NoveltyScore score, int width, int rows, Map<String, INDArray> arrays) {
        return switch (score) {
            case MAHALANOBIS -> ClassDistances.restored(width, rows, arrays);
            case NEAREST_NEIGHBOURS -> Neighbours.restored(width, rows, arrays);
        };
    }

    /** Brings features to length 1, in place; zeros stay. */
    static float[] toLengthOne(float[] features) {
        if (!Distances.toLengthOne(features)) {
            throw new IllegalStateException(
                    "the network's weights are too large: the features of an image are not finite");
        }
        return features;
    }

    /** Takes an array of a model file out of the others; it must be there, of this shape and finite. */
    static float[] stored(Map<String, INDArray> arrays, String name, long... shape) {
        INDArray array = arrays.remove(name);
        if (array == null || !Arrays.equals(array.shape(), shape)) {
            throw new IllegalArgumentException(name + " must be " + Arrays.toString(shape) + ", found "
                    + (array == null ? "none" : Arrays.toString(array.shape())));
        }
        float[] values = array.data().length() == array.length() && array.ordering() == 'c'
                ? array.data().asFloat()
                : array.dup('c').data().asFloat();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException(name + " must be finite, found " + value);
            }
        }
        return values;
    }
}
