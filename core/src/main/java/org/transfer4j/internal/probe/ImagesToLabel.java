package org.transfer4j.internal.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

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
}
