package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.thread.Workers;

/**
 * The images whose standardized features are nearest to those of each, by the Euclidean distance: all are looked at, some
 * at a time, by products of matrices. The work grows with the square of their number, the memory does not.
 */
public final class NearestNeighbours {
    /** Of the block of products, in floats: 32 MB. */
    private static final int BLOCK = 1 << 23;

    private static final int MOST_AT_ONCE = 512;

    private final int number;
    private final int[] images;
    private final float[] distances;

    private NearestNeighbours(int number, int rows) {
        this.number = number;
        images = new int[Math.multiplyExact(number, rows)];
        distances = new float[images.length];
    }

    /**
     * Finds them.
     *
     * @param among those that count as neighbours
     * @param wanted how many of each image, fewer where there are not as many
     */
    public static NearestNeighbours of(FeatureMatrix features, BitSet among, int wanted) {
        int rows = features.rows();
        int number = Math.max(0, Math.min(wanted, among.cardinality() - 1));
        NearestNeighbours found = new NearestNeighbours(number, rows);
        double[] squares = squares(features);
        int atOnce = Math.max(1, Math.min(MOST_AT_ONCE, BLOCK / rows));
        for (int from = 0; from < rows; from += atOnce) {
            Interruption.check("the search for neighbours");
            found.search(features, among, squares, from, Math.min(rows, from + atOnce));
        }
        return found;
    }

    private static double[] squares(FeatureMatrix features) {
        int width = features.width();
        double[] squares = new double[features.rows()];
        FloatBuffer all = features.values().data().asNioFloat();
        float[] row = new float[width];
        for (int i = 0; i < squares.length; i++) {
            all.get(i * width, row);
            for (float value : row) {
                squares[i] += (double) value * value;
            }
        }
        return squares;
    }

    private void search(FeatureMatrix features, BitSet among, double[] squares, int from, int to) {
        int rows = squares.length;
        int width = features.width();
        float[] some = new float[(to - from) * width];
        features.values().data().asNioFloat().get(from * width, some);
        try (INDArray columns = Nd4j.createUninitialized(DataType.FLOAT, new long[] {width, to - from}, 'f');
                INDArray products = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, to - from}, 'f')) {
            columns.data().asNioFloat().put(some);
            Nd4j.gemm(features.values(), columns, products, true, false, 1, 0);
            FloatBuffer all = products.data().asNioFloat();
            int pieces = Math.min(to - from, 4 * Workers.COUNT);
            Workers.run(pieces, piece -> {
                float[] row = new float[rows];
                for (int i = from + piece; i < to; i += pieces) {
                    all.get((i - from) * rows, row);
                    nearest(i, row, among, squares);
                }
            });
        }
    }

    private void nearest(int image, float[] products, BitSet among, double[] squares) {
        double[] nearest = new double[number];
        int[] which = new int[number];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        for (int other = among.nextSetBit(0); other >= 0 && number > 0; other = among.nextSetBit(other + 1)) {
            double distance = squares[image] + squares[other] - 2.0 * products[other];
            if (distance >= nearest[number - 1] || other == image) {
                continue;
            }
            int place = number - 1;
            for (; place > 0 && nearest[place - 1] > distance; place--) {
                nearest[place] = nearest[place - 1];
                which[place] = which[place - 1];
            }
            nearest[place] = distance;
            which[place] = other;
        }
        for (int n = 0; n < number; n++) {
            images[image * number + n] = which[n];
            distances[image * number + n] = (float) Math.sqrt(Math.max(0, nearest[n]));
        }
    }

    /** How many each image has. */
    public int number() {
        return number;
    }

    /** A neighbour of an image, the nearest first. */
    public int image(int of, int place) {
        return images[of * number + place];
    }

    /** How far away that is. */
    public double distance(int of, int place) {
        return distances[of * number + place];
    }
}
