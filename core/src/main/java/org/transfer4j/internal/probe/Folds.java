package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Images divided into parts of which each is held out once. Images that follow each other are mostly in one
 * part, so that neighbours that are nearly alike, as in a film, are held out together.
 */
public final class Folds {
    private final int number;
    private final int[] ofImage;

    private Folds(int number, int[] ofImage) {
        this.number = number;
        this.ofImage = ofImage;
    }

    /**
     * Divides, every class in the same proportion in all parts: those of scikit-learn's {@code StratifiedKFold} without shuffling.
     *
     * @param classes of the images, by index
     * @param number 2 or more; no more than the images of the largest class
     */
    public static Folds stratified(int[] classes, int number) {
        int count = Arrays.stream(classes).max().orElse(0) + 1;
        int[] sizes = sizes(classes, count);
        int[] order = new int[count];
        Arrays.fill(order, Integer.MAX_VALUE);
        for (int i = 0; i < classes.length; i++) {
            order[classes[i]] = Math.min(order[classes[i]], i);
        }
        // dealt out like cards, class by class as they first occur, so that the parts are of one size too
        int[][] share = new int[count][number];
        int dealt = 0;
        int[] byOccurrence = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingInt(c -> order[c]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int c : byOccurrence) {
            for (int i = 0; i < sizes[c]; i++) {
                share[c][dealt++ % number]++;
            }
        }
        int[] ofImage = new int[classes.length];
        int[] next = new int[count];
        for (int i = 0; i < classes.length; i++) {
            int c = classes[i];
            while (share[c][next[c]] == 0) {
                next[c]++;
            }
            share[c][next[c]]--;
            ofImage[i] = next[c];
        }
        return new Folds(number, ofImage);
    }

    /**
     * How many images each class has.
     *
     * @param classes of the images, by index
     * @param count of the classes
     */
    public static int[] sizes(int[] classes, int count) {
        int[] sizes = new int[count];
        for (int c : classes) {
            sizes[c]++;
        }
        return sizes;
    }

    /**
     * Divides images that have no classes: those of scikit-learn's {@code KFold} without shuffling, each part images that follow
     * each other.
     *
     * @param number 2 to the number of images
     */
    public static Folds consecutive(int images, int number) {
        int larger = images % number;
        int size = images / number;
        return new Folds(
                number,
                IntStream.range(0, images)
                        .map(i -> i < larger * (size + 1) ? i / (size + 1) : larger + (i - larger * (size + 1)) / size)
                        .toArray());
    }

    /** How many there are. */
    public int number() {
        return number;
    }

    /** The part in which each image is held out, from 0; not copied. */
    int[] ofImage() {
        return ofImage;
    }

    /** The images that a part holds out, or those that it leaves to learn from. */
    public int[] images(int part, boolean held) {
        return IntStream.range(0, ofImage.length)
                .filter(i -> (ofImage[i] == part) == held)
                .toArray();
    }
}
