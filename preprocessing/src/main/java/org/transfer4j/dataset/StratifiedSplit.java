package org.transfer4j.dataset;

import java.util.Random;

/** Divides the images of each class by itself, so that both parts have the classes in the same proportions. */
final class StratifiedSplit {
    private StratifiedSplit() {}

    /** Says for each image whether it goes into the first part. */
    static boolean[] firstPart(int[] classIndices, int[] classCounts, double fraction, long seed) {
        int[][] members = new int[classCounts.length][];
        for (int c = 0; c < members.length; c++) {
            members[c] = new int[classCounts[c]];
        }
        int[] filled = new int[members.length];
        for (int i = 0; i < classIndices.length; i++) {
            int c = classIndices[i];
            members[c][filled[c]++] = i;
        }
        boolean[] first = new boolean[classIndices.length];
        Random random = new Random(seed);
        for (int[] images : members) {
            shuffle(images, random);
            int count = firstCount(images.length, fraction);
            for (int i = 0; i < count; i++) {
                first[images[i]] = true;
            }
        }
        return first;
    }

    /** Rounded half up, with at least one in each part where there are two. */
    private static int firstCount(int count, double fraction) {
        if (count < 2) {
            return count;
        }
        return (int) Math.max(1, Math.min(count - 1, Math.round(count * fraction)));
    }

    /** Fisher and Yates, with the generator that Java specifies to the bit, so that a seed means the same for ever. */
    static void shuffle(int[] values, Random random) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[other];
            values[other] = value;
        }
    }
}
