package org.transfer4j.inspection;

import java.util.List;
import java.util.stream.IntStream;
import org.transfer4j.internal.probe.NearestNeighbours;

/**
 * Which images are one: those with the same bytes, and those that are alike to the network and to the eye. How near features of
 * the same picture are is told by how near those of different ones are, so that copies, however many, do not make each other
 * look far apart.
 */
final class SamePictures {
    /** Of the median distance of images from the nearest one that is another picture: so near are features of the same. */
    private static final double SAME_FEATURES = 0.1;

    /** Likewise, where the pixels are alike too. */
    private static final double LIKE_FEATURES = 0.7;

    /** Of the range of an image's values, in the mean. */
    private static final double LIKE_PIXELS = 0.02;

    /** Of the root of the features' number, which is how long a standardized image is: rounding makes as much of no distance. */
    private static final double NO_DISTANCE = 0.005;

    private final NearestNeighbours neighbours;
    private final List<ImageLook> looks;
    private final double nothing;

    private SamePictures(NearestNeighbours neighbours, List<ImageLook> looks, int width) {
        this.neighbours = neighbours;
        this.looks = looks;
        nothing = NO_DISTANCE * Math.sqrt(width);
    }

    /**
     * Finds them.
     *
     * @param firsts the first image with the same bytes, by image
     * @param neighbours of each image, among the first ones
     * @param width how many features an image has
     * @return the first image that is the same picture, by image
     */
    static int[] of(int[] firsts, NearestNeighbours neighbours, List<ImageLook> looks, int width) {
        int[] root = firsts.clone();
        new SamePictures(neighbours, looks, width).join(root);
        return IntStream.range(0, root.length).map(i -> rootOf(root, i)).toArray();
    }

    private void join(int[] root) {
        double yardstick = yardstick(root);
        for (int i = 0; i < root.length; i++) {
            for (int n = 0; n < neighbours.number(); n++) {
                double distance = neighbours.distance(i, n);
                if (distance <= Math.max(nothing, SAME_FEATURES * yardstick)
                        || (distance <= LIKE_FEATURES * yardstick && isLike(i, n))) {
                    int other = rootOf(root, neighbours.image(i, n));
                    int own = rootOf(root, i);
                    root[Math.max(own, other)] = Math.min(own, other);
                }
            }
        }
    }

    /** The median distance of images from the nearest one that is another picture, 0 where there is none. */
    private double yardstick(int[] firsts) {
        return Subject.quantile(
                IntStream.range(0, firsts.length)
                        .filter(i -> firsts[i] == i)
                        .mapToDouble(this::distanceFromAnother)
                        .filter(distance -> distance > nothing)
                        .sorted()
                        .toArray(),
                0.5);
    }

    /** Of images that look like all their neighbours, as parts before one camera do, the last one is taken for another. */
    private double distanceFromAnother(int image) {
        double distance = 0;
        for (int n = 0; n < neighbours.number(); n++) {
            distance = neighbours.distance(image, n);
            if (distance > nothing && !isLike(image, n)) {
                break;
            }
        }
        return distance;
    }

    private boolean isLike(int image, int neighbour) {
        return looks.get(image).distance(looks.get(neighbours.image(image, neighbour))) <= LIKE_PIXELS;
    }

    private static int rootOf(int[] root, int image) {
        int at = image;
        while (root[at] != at) {
            at = root[at];
        }
        return at;
    }
}
