package org.transfer4j.internal.calibration;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.Nearest;

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
        Nearest nearest = new Nearest(neighbour);
        for (int i = 0; i < rows; i++) {
            nearest.offer(i, Distances.square(features, images, i * width));
        }
        return (float) Math.sqrt(nearest.distance(neighbour - 1));
    }

    @Override
    public Map<String, INDArray> arrays() {
        return Map.of(IMAGES, Nd4j.createFromArray(images).reshape('c', rows, width));
    }
}
