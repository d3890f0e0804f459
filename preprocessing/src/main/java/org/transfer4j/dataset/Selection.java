package org.transfer4j.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;

/** Which images of a source are meant, in which order, and of which classes they are. Immutable. */
final class Selection {
    private static final int MOST_CLASSES_NAMED = 20;

    private final List<String> classNames;

    /** By position in this selection: the class index, and the position in the source. */
    private final int[] classes;

    private final int[] order;

    private Selection(List<String> classNames, int[] classes, int[] order) {
        this.classNames = classNames;
        this.classes = classes;
        this.order = order;
    }

    /** All images of a source, with a class table made of their labels. Warns of classes that are perhaps one, or none. */
    static Selection all(List<String> labels) {
        Selection all = labelled(
                LabelText.read(labels), IntStream.range(0, labels.size()).toArray());
        LabelText.warnOfTwins("the dataset", all.classNames);
        LabelText.warnOfBlank("the dataset", all.classNames);
        return all;
    }

    /** All images of a source, with a class table of the numbers that occur. The array is kept, and changed. */
    static Selection ofBytes(int[] numbers) {
        List<String> classNames = ClassOrder.sorted(
                IntStream.of(numbers).distinct().mapToObj(String::valueOf).toList());
        int[] indices = new int[1 + IntStream.of(numbers).max().orElseThrow()];
        for (int index = 0; index < classNames.size(); index++) {
            indices[Integer.parseInt(classNames.get(index))] = index;
        }
        Arrays.setAll(numbers, i -> indices[numbers[i]]);
        return all(classNames, numbers);
    }

    /** The same images with other labels, which are fit for a class table. */
    Selection relabelled(List<String> labels) {
        return labelled(labels, order);
    }

    private static Selection labelled(List<String> labels, int[] order) {
        List<String> classNames = ClassOrder.sorted(labels);
        Map<String, Integer> indices = new HashMap<>();
        classNames.forEach(name -> indices.put(name, indices.size()));
        return new Selection(classNames, labels.stream().mapToInt(indices::get).toArray(), order);
    }

    /** All images of a source. The array is kept. */
    static Selection all(List<String> classNames, int[] classIndices) {
        return new Selection(
                classNames,
                classIndices,
                IntStream.range(0, classIndices.length).toArray());
    }

    int size() {
        return order.length;
    }

    List<String> classNames() {
        return classNames;
    }

    int sourceIndex(int index) {
        return order[Objects.checkIndex(index, order.length)];
    }

    int classIndex(int index) {
        return classes[Objects.checkIndex(index, classes.length)];
    }

    int[] classCounts() {
        int[] counts = new int[classNames.size()];
        for (int c : classes) {
            counts[c]++;
        }
        return counts;
    }

    /** Whether each class's images stand together; where each class has but one image, that says nothing. */
    boolean isOrderedByClass() {
        long changes = IntStream.range(1, size())
                .filter(i -> classIndex(i) != classIndex(i - 1))
                .count();
        long present = Arrays.stream(classCounts()).filter(count -> count > 0).count();
        return changes < present && present < size();
    }

    Selection limit(int count) {
        return select(first(count, size()));
    }

    /**
     * The first indices.
     *
     * @throws IllegalArgumentException if the count is below 1
     */
    static int[] first(int count, int size) {
        if (count < 1) {
            throw new IllegalArgumentException("at least 1 image must remain, but the limit was " + count);
        }
        return IntStream.range(0, Math.min(count, size)).toArray();
    }

    Selection shuffle(long seed) {
        int[] shuffled = IntStream.range(0, size()).toArray();
        shuffle(shuffled, new Random(seed));
        return select(shuffled);
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

    Selection select(int[] indices) {
        return new Selection(
                classNames,
                IntStream.of(indices).map(this::classIndex).toArray(),
                IntStream.of(indices).map(this::sourceIndex).toArray());
    }

    /**
     * Says for each image whether it goes into the first of two parts that have the classes in the same proportions: the
     * images of each class are divided by themselves.
     */
    boolean[] stratified(double fraction, long seed) {
        int[][] members = IntStream.of(classCounts()).mapToObj(int[]::new).toArray(int[][]::new);
        int[] filled = new int[members.length];
        for (int i = 0; i < classes.length; i++) {
            int c = classes[i];
            members[c][filled[c]++] = i;
        }
        boolean[] first = new boolean[classes.length];
        Random random = new Random(seed);
        for (int[] images : members) {
            shuffle(images, random);
            for (int i = 0; i < firstCount(images.length, fraction); i++) {
                first[images[i]] = true;
            }
        }
        return first;
    }

    /** Refuses what is no share of the first of two parts. */
    static void requireFraction(double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("a fraction above 0 and below 1 is needed, but was " + fraction);
        }
    }

    /** Rounded half up, with at least one in each part where there are two. */
    static int firstCount(int count, double fraction) {
        if (count < 2) {
            return count;
        }
        return (int) Math.max(1, Math.min(count - 1, Math.round(count * fraction)));
    }

    /** The images that are marked, or those that are not. */
    static int[] where(boolean[] marks, boolean mark) {
        return IntStream.range(0, marks.length).filter(i -> marks[i] == mark).toArray();
    }

    /** How many images each class has. */
    @Override
    public String toString() {
        return size() + " images, " + classNames.size() + " classes: " + counted(classNames, classCounts());
    }

    /** How many images each class has; the first classes, where there are many. */
    static String counted(List<String> classNames, int[] counts) {
        return IntStream.range(0, Math.min(counts.length, MOST_CLASSES_NAMED))
                        .mapToObj(i -> classNames.get(i) + " (" + counts[i] + ")")
                        .collect(Collectors.joining(", "))
                + (counts.length > MOST_CLASSES_NAMED ? ", ..." : "");
    }

    /**
     * Divides images with several labels so that both parts have each label in about the same proportion (K. Sechidis, G.
     * Tsoumakas and I. Vlahavas, "On the Stratification of Multi-Label Data", 2011): the label with the fewest images left is
     * dealt out first, each of its images to the part that still wants most of it.
     */
    static final class IterativeStratification {
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
            wantedOfClass = IntStream.of(left)
                    .mapToObj(count -> shares(count, fraction))
                    .toArray(double[][]::new);
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
            IterativeStratification stratification =
                    new IterativeStratification(classesOfImage, classes, fraction, seed);
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
}
