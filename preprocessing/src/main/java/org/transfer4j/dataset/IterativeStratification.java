package org.transfer4j.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Divides images with several labels so that both parts have each label in about the same proportion (K. Sechidis, G.
 * Tsoumakas and I. Vlahavas, "On the Stratification of Multi-Label Data", 2011): the label with the fewest images left is
 * dealt out first, each of its images to the part that still wants most of it.
 */
final class IterativeStratification {
    private static final int PARTS = 2;

    private final int[][] classesOfImage;
    private final Random random;

    /** How many images each part still wants: in all, and by class. */
    private final double[] wanted;

    private final double[][] wantedOfClass;

    /** How many images of each class are not dealt out yet. */
    private final int[] left;

    /** The part by image, -1 where it is not dealt out yet. */
    private final int[] part;

    private IterativeStratification(int[][] classesOfImage, int classes, double fraction, long seed) {
        this.classesOfImage = classesOfImage;
        random = new Random(seed);
        left = new int[classes];
        for (int[] ofImage : classesOfImage) {
            for (int c : ofImage) {
                left[c]++;
            }
        }
        wanted = shares(classesOfImage.length, fraction);
        wantedOfClass =
                IntStream.of(left).mapToObj(count -> shares(count, fraction)).toArray(double[][]::new);
        part = new int[classesOfImage.length];
        Arrays.fill(part, -1);
    }

    private static double[] shares(int count, double fraction) {
        return new double[] {count * fraction, count * (1 - fraction)};
    }

    /**
     * Says for each image whether it goes into the first part. Where there are two images or more, none of the parts is
     * empty.
     */
    static boolean[] firstPart(int[][] classesOfImage, int classes, double fraction, long seed) {
        IterativeStratification stratification = new IterativeStratification(classesOfImage, classes, fraction, seed);
        stratification.dealOut();
        boolean[] first = new boolean[classesOfImage.length];
        for (int i = 0; i < first.length; i++) {
            first[i] = stratification.part[i] == 0;
        }
        return first;
    }

    private void dealOut() {
        int[] order = IntStream.range(0, part.length).toArray();
        Selection.shuffle(order, random);
        List<List<Integer>> imagesOfClass = new ArrayList<>();
        for (int c = 0; c < left.length; c++) {
            imagesOfClass.add(new ArrayList<>());
        }
        for (int image : order) {
            for (int c : classesOfImage[image]) {
                imagesOfClass.get(c).add(image);
            }
        }
        for (int rarest = rarest(); rarest >= 0; rarest = rarest()) {
            for (int image : imagesOfClass.get(rarest)) {
                if (part[image] < 0) {
                    give(image, wantedOfClass[rarest]);
                }
            }
        }
        for (int image : order) {
            if (part[image] < 0) {
                give(image, wanted);
            }
        }
        leaveNoneEmpty(order);
    }

    private int rarest() {
        int rarest = -1;
        for (int c = 0; c < left.length; c++) {
            if (left[c] > 0 && (rarest < 0 || left[c] < left[rarest])) {
                rarest = c;
            }
        }
        return rarest;
    }

    private void give(int image, double[] wish) {
        int receiver;
        if (wish[0] != wish[1]) {
            receiver = wish[0] > wish[1] ? 0 : 1;
        } else if (wanted[0] != wanted[1]) {
            receiver = wanted[0] > wanted[1] ? 0 : 1;
        } else {
            receiver = random.nextInt(PARTS);
        }
        part[image] = receiver;
        wanted[receiver]--;
        for (int c : classesOfImage[image]) {
            left[c]--;
            wantedOfClass[c][receiver]--;
        }
    }

    private void leaveNoneEmpty(int[] order) {
        if (part.length > 1 && Arrays.stream(part).distinct().count() < PARTS) {
            int last = order[order.length - 1];
            part[last] = 1 - part[last];
        }
    }
}
