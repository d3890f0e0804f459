package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Which images to label next. Images are grouped by their features, and each group gives one that is typical of it, so that
 * those chosen are unlike each other.
 *
 * <p>Where few labels are there, groups that have none come first, the largest before the others (G. Hacohen, A. Dekel and D.
 * Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets", 2022: TypiClust). Where a classifier
 * has learned something, images count as much as it is uncertain of them (F. Zhdanov, "Diverse mini-batch Active Learning",
 * 2019).
 */
public final class ImagesToLabel {
    private static final int NEIGHBOURS = 20;
    private static final int LEAST_SIZE = 5;
    private static final int MOST_CLUSTERS = 500;

    private ImagesToLabel() {}

    /**
     * Typical images: of as many clusters as there will be labels, the image that is nearest to its {@value #NEIGHBOURS}
     * nearest neighbours in the cluster. Clusters with labels come after those without, and those of less than
     * {@value #LEAST_SIZE} images last.
     *
     * @param features of the labelled images, then of those to choose from; changed here: brought to length 1
     * @param labelled how many have a label
     * @param count 1 to as many as there are without
     * @param seed of the clusters' first centres
     * @return their numbers, from 0 for the first without a label, in the order in which they should be labelled
     */
    public static int[] typical(FeatureMatrix features, int labelled, int count, long seed) {
        features.toLengthOne();
        double[] equal = new double[features.rows()];
        Arrays.fill(equal, 1);
        List<Cluster> clusters = new ArrayList<>();
        for (int[] images : grouped(features, equal, Math.min(labelled + count, MOST_CLUSTERS), seed)) {
            double[] distances = distances(features, images);
            int[] open = IntStream.range(0, images.length)
                    .filter(i -> images[i] >= labelled)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> distances[i]))
                    .mapToInt(i -> images[i] - labelled)
                    .toArray();
            clusters.add(new Cluster(images.length < LEAST_SIZE, images.length - open.length, images.length, open));
        }
        return taken(clusters, count);
    }

    /**
     * Uncertain images: of as many clusters as are to be labelled, in which images count by their uncertainty, the image with the
     * most of it for its distance from its nearest neighbours.
     *
     * @param features of the images to choose from; changed here: brought to length 1
     * @param margins the difference between the two largest probabilities of each image
     * @param count 1 to as many as there are
     * @param seed of the clusters' first centres
     * @return their numbers, in the order in which they should be labelled
     */
    public static int[] uncertain(FeatureMatrix features, double[] margins, int count, long seed) {
        features.toLengthOne();
        double[] uncertainty = Arrays.stream(margins).map(margin -> 1 - margin).toArray();
        List<Cluster> clusters = new ArrayList<>();
        for (int[] images : grouped(features, uncertainty, Math.min(count, MOST_CLUSTERS), seed)) {
            double[] distances = distances(features, images);
            int[] open = IntStream.range(0, images.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> distances[i] / Math.max(uncertainty[images[i]], 1e-9)))
                    .mapToInt(i -> images[i])
                    .toArray();
            double mass = IntStream.of(images).mapToDouble(i -> uncertainty[i]).sum();
            clusters.add(new Cluster(false, 0, mass, open));
        }
        return taken(clusters, count);
    }

    private static List<int[]> grouped(FeatureMatrix features, double[] weights, int number, long seed) {
        int[] ofImage = Clusters.of(features, weights, number, seed);
        return IntStream.range(0, number)
                .mapToObj(c -> IntStream.range(0, ofImage.length)
                        .filter(i -> ofImage[i] == c)
                        .toArray())
                .filter(images -> images.length > 0)
                .toList();
    }

    /** The mean distance of each image from its nearest neighbours in the cluster; none where it is alone. */
    private static double[] distances(FeatureMatrix features, int[] images) {
        BitSet all = new BitSet();
        all.set(0, images.length);
        try (FeatureMatrix own = features.select(images)) {
            NearestNeighbours neighbours = NearestNeighbours.of(own, all, NEIGHBOURS);
            return IntStream.range(0, images.length)
                    .mapToDouble(neighbours::meanDistance)
                    .toArray();
        }
    }

    /** One image of each cluster in turn. */
    private static int[] taken(List<Cluster> clusters, int count) {
        PriorityQueue<Cluster> waiting =
                new PriorityQueue<>(Comparator.<Cluster, Boolean>comparing(cluster -> cluster.late)
                        .thenComparingInt(cluster -> cluster.labelled)
                        .thenComparingDouble(cluster -> -cluster.mass)
                        .thenComparingInt(clusters::indexOf));
        clusters.stream().filter(Cluster::hasNext).forEach(waiting::add);
        int[] chosen = new int[count];
        for (int i = 0; i < count; i++) {
            Cluster cluster = waiting.remove();
            chosen[i] = cluster.next();
            if (cluster.hasNext()) {
                waiting.add(cluster);
            }
        }
        return chosen;
    }

    /** Images of which some have a label, or will have one. */
    private static final class Cluster {
        private final boolean late;
        private final double mass;
        private final int[] open;
        private int labelled;
        private int next;

        Cluster(boolean late, int labelled, double mass, int[] open) {
            this.late = late;
            this.labelled = labelled;
            this.mass = mass;
            this.open = open;
        }

        boolean hasNext() {
            return next < open.length;
        }

        int next() {
            labelled++;
            return open[next++];
        }
    }

    /**
     * Images in groups around means, by Lloyd's iterations (S. Lloyd, 1982) from centres that are drawn far from each other
     * (D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007).
     */
    private static final class Clusters {
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
}
