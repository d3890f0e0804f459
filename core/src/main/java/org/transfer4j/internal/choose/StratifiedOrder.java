package org.transfer4j.internal.choose;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.network.RandomStreams;

/** Images drawn so that the first ones are like all. */
final class StratifiedOrder {
    private StratifiedOrder() {}

    /**
     * An order in which any first images have each class in about its proportion.
     *
     * @param seed by which the images of a class are drawn
     */
    static int[] of(ImageDataset data, long seed) {
        int[] sizes = data.classCounts();
        int[] seen = new int[sizes.length];
        int[] drawn = RandomStreams.shuffled(data.size(), new SplittableRandom(seed));
        double[] place = new double[data.size()];
        for (int i : drawn) {
            int c = data.classIndex(i);
            place[i] = (seen[c]++ + 0.5) / sizes[c];
        }
        return Arrays.stream(drawn)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> place[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
