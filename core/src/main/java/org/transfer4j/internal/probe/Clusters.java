package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Images in groups around means, by Lloyd's iterations (S. Lloyd, 1982) from centres that are drawn far from each other
 * (D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007).
 */
final class Clusters {
    private static final int MOST_ITERATIONS = 30;
    private static final int AT_ONCE = 4096;

    private final FeatureMatrix features;
    private final double[] weights;
    private final double[] squares;
    private final float[][] centres;
    private final int[] ofImage;

    private Clusters(FeatureMatrix features, double[] weights, int number) {
        this.features = features;
        this.weights = weights;
        squares = Distances.squares(features.values());
        centres = new float[number][];
        ofImage = new int[features.rows()];
    }

    /**
     * Groups images.
     *
     * @param weights how much each image counts, 0 or more
     * @param number of groups, 1 to as many as there are images; some may be empty where images are alike
     * @param seed of the first centres
     * @return the group of each image, from 0
     */
    static int[] of(FeatureMatrix features, double[] weights, int number, long seed) {
        Clusters clusters = new Clusters(features, weights, number);
        clusters.draw(new SplittableRandom(seed));
        for (int i = 0; i < MOST_ITERATIONS && clusters.assign(); i++) {
            clusters.move();
        }
        return clusters.ofImage;
    }

    private float[] row(int image) {
        float[] row = new float[features.width()];
        features.values().data().asNioFloat().get(image * features.width(), row);
        return row;
    }

    /**
     * Each next centre is an image, by a chance that grows with its weight and the square of its distance from those before; of
     * some that are drawn, the one after which least is left.
     */
    private void draw(SplittableRandom random) {
        double[] left = weights.clone();
        int draws = 2 + (int) Math.log(centres.length);
        double[] nearest = new double[ofImage.length];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        for (int c = 0; c < centres.length; c++) {
            Interruption.check("the choice of images");
            double least = Double.POSITIVE_INFINITY;
            double[] best = nearest;
            for (int i = 0; i < (c == 0 ? 1 : draws); i++) {
                float[] centre = row(drawn(left, random));
                double[] distances = nearer(nearest, centre);
                double rest = IntStream.range(0, distances.length)
                        .mapToDouble(image -> weights[image] * distances[image])
                        .sum();
                if (rest < least) {
                    least = rest;
                    best = distances;
                    centres[c] = centre;
                }
            }
            nearest = best;
            for (int i = 0; i < left.length; i++) {
                left[i] = weights[i] * nearest[i];
            }
        }
    }

    /** An image by chances in proportion; any where all are zero. */
    private static int drawn(double[] chances, SplittableRandom random) {
        double place = random.nextDouble() * Arrays.stream(chances).sum();
        for (int i = 0; i < chances.length; i++) {
            place -= chances[i];
            if (place < 0) {
                return i;
            }
        }
        return random.nextInt(chances.length);
    }

    /** The squares of the distances, where a centre is added. */
    private double[] nearer(double[] distances, float[] centre) {
        double own = Distances.square(centre);
        double[] nearer = new double[distances.length];
        try (INDArray column = Nd4j.createFromArray(centre).reshape('f', features.width(), 1)) {
            Distances.products(features.values(), column, products -> {
                for (int i = 0; i < distances.length; i++) {
                    nearer[i] = Math.min(distances[i], Math.max(0, squares[i] + own - 2.0 * products.get(i)));
                }
            });
        }
        return nearer;
    }

    /** Puts each image to the nearest centre, and tells whether any has moved. */
    private boolean assign() {
        int[] before = ofImage.clone();
        try (INDArray columns =
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), centres.length}, 'f')) {
            FloatBuffer buffer = columns.data().asNioFloat();
            for (float[] centre : centres) {
                buffer.put(centre);
            }
            double[] own = Distances.squares(columns);
            for (int first = 0; first < ofImage.length; first += AT_ONCE) {
                Interruption.check("the choice of images");
                int from = first;
                int to = Math.min(ofImage.length, from + AT_ONCE);
                try (FeatureMatrix rows =
                        features.select(IntStream.range(from, to).toArray())) {
                    Distances.products(columns, rows.values(), products -> {
                        for (int i = from; i < to; i++) {
                            ofImage[i] = nearest(products, (i - from) * own.length, own);
                        }
                    });
                }
            }
        }
        return !Arrays.equals(before, ofImage);
    }

    private static int nearest(FloatBuffer products, int start, double[] squares) {
        int nearest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < squares.length; c++) {
            double distance = squares[c] - 2.0 * products.get(start + c);
            if (distance < least) {
                least = distance;
                nearest = c;
            }
        }
        return nearest;
    }

    /** Puts each centre in the middle of its images; one without weight stays where it is. */
    private void move() {
        int width = features.width();
        double[][] sums = new double[centres.length][width];
        double[] sizes = new double[centres.length];
        for (int i = 0; i < ofImage.length; i++) {
            float[] row = row(i);
            sizes[ofImage[i]] += weights[i];
            for (int j = 0; j < width; j++) {
                sums[ofImage[i]][j] += weights[i] * row[j];
            }
        }
        for (int c = 0; c < centres.length; c++) {
            for (int j = 0; j < width && sizes[c] > 0; j++) {
                centres[c][j] = (float) (sums[c][j] / sizes[c]);
            }
        }
    }
}
