package org.transfer4j.internal.calibration;

import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.NoveltyScore;

/**
 * The distance from the k-th nearest training image, see {@link NoveltyScore#NEAREST_NEIGHBOURS}.
 *
 * @param images of length 1 each, one after the other
 */
@SuppressWarnings("ArrayRecordComponent") // large, and changed by nobody
record Neighbours(int width, int rows, float[] images) implements KnownFeatures {
    private static final String IMAGES = ARRAYS + "neighbours";
    private static final int MOST_BYTES = 16 << 20;
    private static final int IMAGES_PER_NEIGHBOUR = 1000;

    static Neighbours of(float[][] features, int[] classes) {
        int width = features[0].length;
        int[] taken = Evenly.ofClasses(classes, Math.max(1, MOST_BYTES / (width * Float.BYTES)));
        float[] images = new float[taken.length * width];
        for (int i = 0; i < taken.length; i++) {
            System.arraycopy(features[taken[i]], 0, images, i * width, width);
        }
        return new Neighbours(width, taken.length, images);
    }

    static Neighbours restored(int width, int rows, Map<String, INDArray> arrays) {
        return new Neighbours(width, rows, KnownFeatures.stored(arrays, IMAGES, rows, width));
    }

    @Override
    public NoveltyScore score() {
        return NoveltyScore.NEAREST_NEIGHBOURS;
    }

    @Override
    public float distance(float[] features) {
        return distance(features, (rows + IMAGES_PER_NEIGHBOUR - 1) / IMAGES_PER_NEIGHBOUR);
    }

    /** The distance from the nearest but so many. */
    float distance(float[] features, int neighbour) {
        float[] nearest = new float[neighbour];
        Arrays.fill(nearest, Float.POSITIVE_INFINITY);
        for (int i = 0; i < rows; i++) {
            float square = square(features, i * width);
            int place = neighbour - 1;
            if (square < nearest[place]) {
                for (; place > 0 && nearest[place - 1] > square; place--) {
                    nearest[place] = nearest[place - 1];
                }
                nearest[place] = square;
            }
        }
        return (float) Math.sqrt(nearest[neighbour - 1]);
    }

    private float square(float[] features, int from) {
        float first = 0;
        float second = 0;
        float third = 0;
        float fourth = 0;
        int j = 0;
        for (; j + 3 < width; j += 4) {
            float a = features[j] - images[from + j];
            float b = features[j + 1] - images[from + j + 1];
            float c = features[j + 2] - images[from + j + 2];
            float d = features[j + 3] - images[from + j + 3];
            first += a * a;
            second += b * b;
            third += c * c;
            fourth += d * d;
        }
        for (; j < width; j++) {
            float a = features[j] - images[from + j];
            first += a * a;
        }
        return first + second + third + fourth;
    }

    @Override
    public Map<String, INDArray> arrays() {
        return Map.of(IMAGES, Nd4j.createFromArray(images).reshape('c', rows, width));
    }
}
