package org.transfer4j.internal.calibration;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.Distances.Nearest;

/** What is kept of the features of training images, to see how unlike them others are. Safe from several threads. */
public sealed interface KnownFeatures permits KnownFeatures.ClassDistances, KnownFeatures.Neighbours {
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

    /**
     * As many images of each class as a limit for all of them allows, spread evenly over those that there are.
     *
     * @param classes of the images, by index
     * @param most how many in all; of each class one at least
     * @return their indices, ascending
     */
    static int[] evenly(int[] classes, int most) {
        if (classes.length <= most) {
            return IntStream.range(0, classes.length).toArray();
        }
        int[] counts = new int[Arrays.stream(classes).max().orElseThrow() + 1];
        for (int c : classes) {
            counts[c]++;
        }
        int share = share(counts, most);
        int[] seen = new int[counts.length];
        return IntStream.range(0, classes.length)
                .filter(i -> {
                    int c = classes[i];
                    long place = seen[c]++;
                    long wanted = Math.min(share, counts[c]);
                    // the image at which the number of those to be taken so far rises
                    return place * wanted / counts[c] != (place + 1) * wanted / counts[c];
                })
                .toArray();
    }

    /** The largest number of each class with which all are no more than wanted: small classes leave room to large ones. */
    private static int share(int[] counts, int most) {
        int low = 1;
        int high = most;
        while (low < high) {
            int middle = low + (high - low + 1) / 2;
            if (Arrays.stream(counts)
                            .mapToLong(count -> Math.min(count, middle))
                            .sum()
                    <= most) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

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
            int[] taken = evenly(classes, Math.max(1, MOST_BYTES / (width * Float.BYTES)));
            float[] images = new float[taken.length * width];
            for (int i = 0; i < taken.length; i++) {
                System.arraycopy(features[taken[i]], 0, images, i * width, width);
            }
            return new Neighbours(width, taken.length, images);
        }

        static Neighbours restored(int width, int rows, Map<String, INDArray> arrays) {
            return new Neighbours(width, rows, stored(arrays, IMAGES, rows, width));
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

    /**
     * Mahalanobis' distance from the nearest class mean, see {@link NoveltyScore#MAHALANOBIS}. With the covariance S = L L^T the
     * square of the distance of x from m is |L^-1 (x - m)|^2: what is kept is L^-1 and the means after it. All is taken from one
     * centre first, so that the differences of floats are exact enough.
     *
     * @param whitening L^-1, its rows up to the diagonal, one after the other
     * @param means L^-1 (m - centre) of the classes that have images, one after the other
     */
    @SuppressWarnings("ArrayRecordComponent") // large, and changed by nobody
    record ClassDistances(int width, int rows, float[] centre, float[] whitening, float[] means)
            implements KnownFeatures {
        private static final String CENTRE = ARRAYS + "centre";
        private static final String WHITENING = ARRAYS + "whitening";
        private static final String MEANS = ARRAYS + "means";
        private static final int AT_ONCE = 512;

        static ClassDistances of(float[][] features, int[] classes) {
            int width = features[0].length;
            double[] centre = new double[width];
            for (float[] row : features) {
                add(row, centre);
            }
            divide(centre, features.length);
            double[][] means = means(features, classes, width);
            double[][] inverse = inverse(cholesky(covariance(features, classes, means)));
            double[][] there =
                    Arrays.stream(means).filter(mean -> mean.length > 0).toArray(double[][]::new);
            float[] whitened = new float[there.length * width];
            for (int c = 0; c < there.length; c++) {
                for (int j = 0; j < width; j++) {
                    there[c][j] -= centre[j];
                }
                for (int i = 0; i < width; i++) {
                    whitened[c * width + i] = (float) dot(inverse[i], there[c], i + 1);
                }
            }
            float[] whitening = new float[width * (width + 1) / 2];
            int next = 0;
            for (int i = 0; i < width; i++) {
                for (int j = 0; j <= i; j++) {
                    whitening[next++] = (float) inverse[i][j];
                }
            }
            return new ClassDistances(width, there.length, ArrayUtil.toFloats(centre), whitening, whitened);
        }

        private static void add(float[] row, double[] sum) {
            for (int j = 0; j < sum.length; j++) {
                sum[j] += row[j];
            }
        }

        private static void divide(double[] sum, int count) {
            for (int j = 0; j < sum.length; j++) {
                sum[j] /= count;
            }
        }

        /** By class; empty for one without images. */
        private static double[][] means(float[][] features, int[] classes, int width) {
            int[] counts = new int[Arrays.stream(classes).max().orElseThrow() + 1];
            double[][] means = new double[counts.length][0];
            for (int i = 0; i < features.length; i++) {
                int c = classes[i];
                means[c] = counts[c]++ == 0 ? new double[width] : means[c];
                add(features[i], means[c]);
            }
            for (int c = 0; c < counts.length; c++) {
                divide(means[c], counts[c]);
            }
            return means;
        }

        /** Of what is left without the class means, shrunk towards a multiple of the identity by Ledoit and Wolf's share. */
        private static double[][] covariance(float[][] features, int[] classes, double[][] means) {
            int images = features.length;
            int width = features[0].length;
            double fourth = 0;
            double[][] covariance;
            try (INDArray sum = Nd4j.zeros(DataType.DOUBLE, width, width)) {
                for (int from = 0; from < images; from += AT_ONCE) {
                    double[][] rest = new double[Math.min(AT_ONCE, images - from)][width];
                    for (int i = 0; i < rest.length; i++) {
                        double[] mean = means[classes[from + i]];
                        for (int j = 0; j < width; j++) {
                            rest[i][j] = features[from + i][j] - mean[j];
                        }
                        double square = dot(rest[i], rest[i], width);
                        fourth += square * square;
                    }
                    try (INDArray rows = Nd4j.createFromArray(rest)) {
                        Nd4j.gemm(rows, rows, sum, true, false, 1, 1);
                    }
                }
                covariance = sum.divi(images).toDoubleMatrix();
            }
            double trace = 0;
            double norm = 0;
            for (int i = 0; i < width; i++) {
                trace += covariance[i][i];
                norm += dot(covariance[i], covariance[i], width);
            }
            double mean = trace / width;
            if (!(mean > 0)) {
                throw new IllegalArgumentException("the training images are all alike within their classes");
            }
            double noise = (fourth / images - norm) / images;
            double distance = norm - width * mean * mean;
            double share = distance > 0 ? Math.min(1, Math.max(0, noise / distance)) : 1;
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    covariance[i][j] *= 1 - share;
                }
                covariance[i][i] += share * mean;
            }
            return covariance;
        }

        /** L of the lower triangle, in place. */
        private static double[][] cholesky(double[][] matrix) {
            for (int i = 0; i < matrix.length; i++) {
                for (int j = 0; j < i; j++) {
                    matrix[i][j] = (matrix[i][j] - dot(matrix[i], matrix[j], j)) / matrix[j][j];
                }
                double rest = matrix[i][i] - dot(matrix[i], matrix[i], i);
                // rounding: more features than images whose share of the identity is hardly there
                matrix[i][i] = Math.sqrt(Math.max(rest, Math.ulp(matrix[i][i])));
            }
            return matrix;
        }

        /** L^-1, row by row. */
        private static double[][] inverse(double[][] lower) {
            double[][] inverse = new double[lower.length][];
            for (int i = 0; i < lower.length; i++) {
                double[] row = new double[i + 1];
                for (int k = 0; k < i; k++) {
                    double factor = lower[i][k];
                    double[] above = inverse[k];
                    for (int j = 0; j <= k; j++) {
                        row[j] -= factor * above[j];
                    }
                }
                row[i] = 1;
                for (int j = 0; j <= i; j++) {
                    row[j] /= lower[i][i];
                }
                inverse[i] = row;
            }
            return inverse;
        }

        /** Four sums at once: one would wait for each addition. */
        private static double dot(double[] a, double[] b, int length) {
            double first = 0;
            double second = 0;
            double third = 0;
            double fourth = 0;
            int i = 0;
            for (; i + 3 < length; i += 4) {
                first += a[i] * b[i];
                second += a[i + 1] * b[i + 1];
                third += a[i + 2] * b[i + 2];
                fourth += a[i + 3] * b[i + 3];
            }
            for (; i < length; i++) {
                first += a[i] * b[i];
            }
            return first + second + third + fourth;
        }

        static ClassDistances restored(int width, int rows, Map<String, INDArray> arrays) {
            return new ClassDistances(
                    width,
                    rows,
                    stored(arrays, CENTRE, width),
                    stored(arrays, WHITENING, (long) width * (width + 1) / 2),
                    stored(arrays, MEANS, rows, width));
        }

        @Override
        public NoveltyScore score() {
            return NoveltyScore.MAHALANOBIS;
        }

        @Override
        public float distance(float[] features) {
            double[] squares = new double[rows];
            float[] away = new float[width];
            for (int j = 0; j < width; j++) {
                away[j] = features[j] - centre[j];
            }
            int next = 0;
            for (int i = 0; i < width; i++) {
                double value = 0;
                for (int j = 0; j <= i; j++) {
                    value += whitening[next++] * away[j];
                }
                for (int c = 0; c < rows; c++) {
                    double difference = value - means[c * width + i];
                    squares[c] += difference * difference;
                }
            }
            return (float) Math.sqrt(Arrays.stream(squares).min().orElseThrow());
        }

        @Override
        public Map<String, INDArray> arrays() {
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            arrays.put(CENTRE, Nd4j.createFromArray(centre));
            arrays.put(WHITENING, Nd4j.createFromArray(whitening));
            arrays.put(MEANS, Nd4j.createFromArray(means).reshape('c', rows, width));
            return arrays;
        }
    }
}
