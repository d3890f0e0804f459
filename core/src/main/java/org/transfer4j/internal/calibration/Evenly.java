package org.transfer4j.internal.calibration;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Takes some of many images. */
public final class Evenly {
    private Evenly() {}

    /**
     * As many images of each class as a limit for all of them allows, spread evenly over those that there are.
     *
     * @param classes of the images, by index
     * @param most how many in all; of each class one at least
     * @return their indices, ascending
     */
    public static int[] ofClasses(int[] classes, int most) {
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
}
