package org.transfer4j.inspection;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.transfer4j.internal.text.TextTable;

/**
 * An image unlike all others: its features are far from those of its nearest neighbours (S. Ramaswamy and others, 2000),
 * farther than the upper quartile by three times the distance of the quartiles (J. Tukey, 1977: "far out"). Images that are
 * the same as all their neighbours, such as copies under other bytes, have no distance and are left out of quartiles and median.
 *
 * @param image the image
 * @param distance the mean distance from its neighbours, in multiples of the median of all images that have one
 */
public record Outlier(InspectedImage image, double distance) implements Finding {
    private static final double FAR_OUT = 3;

    static List<Outlier> find(Subject subject) {
        double[] distances = IntStream.range(0, subject.size())
                .mapToDouble(subject::isolation)
                .toArray();
        double[] sorted = Arrays.stream(distances)
                .filter(distance -> distance > 0)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return List.of();
        }
        double lower = Subject.quantile(sorted, 0.25);
        double upper = Subject.quantile(sorted, 0.75);
        double median = Subject.quantile(sorted, 0.5);
        double bound = upper + FAR_OUT * (upper - lower);
        return IntStream.range(0, distances.length)
                .filter(i -> distances[i] > bound)
                .mapToObj(i -> new Outlier(subject.image(i), distances[i] / median))
                .sorted(Comparator.comparingDouble(Outlier::distance).reversed())
                .toList();
    }

    @Override
    public List<InspectedImage> images() {
        return List.of(image);
    }

    @Override
    public String note() {
        return TextTable.decimals(distance, 2) + " times as far from its neighbours as usual";
    }

    @Override
    public Outlier withoutPaths() {
        return new Outlier(image.withoutPath(), distance);
    }

    @Override
    public String toString() {
        return image + ": " + note();
    }
}
