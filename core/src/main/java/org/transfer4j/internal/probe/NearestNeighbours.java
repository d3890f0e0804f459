package org.transfer4j.internal.probe;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.Distances.Nearest;
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
        double[] squares = Distances.squares(features.values());
        int atOnce = Math.max(1, Math.min(MOST_AT_ONCE, BLOCK / rows));
        for (int from = 0; from < rows; from += atOnce) {
            Interruption.check("the search for neighbours");
            found.search(features, among, squares, from, Math.min(rows, from + atOnce));
        }
        return found;
    }

    private void search(FeatureMatrix features, BitSet among, double[] squares, int from, int to) {
        int rows = squares.length;
        int pieces = Math.min(to - from, 4 * Workers.COUNT);
        try (FeatureMatrix some = features.select(IntStream.range(from, to).toArray())) {
            Distances.products(
                    features.values(),
                    some.values(),
                    products -> Workers.run(pieces, piece -> {
                        float[] row = new float[rows];
                        for (int i = from + piece; i < to; i += pieces) {
                            products.get((i - from) * rows, row);
                            search(i, row, among, squares);
                        }
                    }));
        }
    }

    private void search(int image, float[] products, BitSet among, double[] squares) {
        Nearest nearest = new Nearest(number);
        for (int other = among.nextSetBit(0); other >= 0; other = among.nextSetBit(other + 1)) {
            if (other != image) {
                nearest.offer(other, squares[image] + squares[other] - 2.0 * products[other]);
            }
        }
        for (int n = 0; n < number; n++) {
            images[image * number + n] = nearest.row(n);
            distances[image * number + n] = (float) Math.sqrt(Math.max(0, nearest.distance(n)));
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

    /** How far away an image's neighbours are in the mean; 0 where it has none. */
    public double meanDistance(int of) {
        return IntStream.range(0, number)
                .mapToDouble(place -> distance(of, place))
                .average()
                .orElse(0);
    }
}
