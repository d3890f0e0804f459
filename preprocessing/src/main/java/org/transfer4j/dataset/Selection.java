package org.transfer4j.dataset;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;

/** Which images of a source are meant, in which order, and of which classes they are. Immutable. */
final class Selection {
    private static final int MOST_CLASSES_NAMED = 20;

    private final List<String> classNames;

    /** Class index by position in the source. */
    private final int[] classOfSource;

    /** Position in the source by position in this selection. */
    private final int[] order;

    private Selection(List<String> classNames, int[] classOfSource, int[] order) {
        this.classNames = classNames;
        this.classOfSource = classOfSource;
        this.order = order;
    }

    /** All images of a source, with a class table made of their labels. Warns of classes that are perhaps one. */
    static Selection all(List<String> labels) {
        Selection all = numbered(LabelText.read(labels));
        LabelText.warnOfTwins("the dataset", all.classNames);
        return all;
    }

    /** All images of a source, with a class table made of texts that are fit for it. */
    static Selection numbered(List<String> labels) {
        List<String> classNames = ClassOrder.sorted(labels);
        Map<String, Integer> indices = new HashMap<>();
        classNames.forEach(name -> indices.put(name, indices.size()));
        return all(classNames, labels.stream().mapToInt(indices::get).toArray());
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
        return classOfSource[sourceIndex(index)];
    }

    int[] classIndices() {
        return Arrays.stream(order).map(position -> classOfSource[position]).toArray();
    }

    int[] classCounts() {
        int[] counts = new int[classNames.size()];
        for (int position : order) {
            counts[classOfSource[position]]++;
        }
        return counts;
    }

    /** Whether each class's images stand together. */
    boolean isOrderedByClass() {
        long changes = IntStream.range(1, size())
                .filter(i -> classIndex(i) != classIndex(i - 1))
                .count();
        return changes < Arrays.stream(classCounts()).filter(count -> count > 0).count();
    }

    Selection limit(int count) {
        return reordered(Arrays.copyOf(order, Math.min(count, order.length)));
    }

    Selection shuffle(long seed) {
        int[] shuffled = order.clone();
        StratifiedSplit.shuffle(shuffled, new Random(seed));
        return reordered(shuffled);
    }

    Selection select(int[] indices) {
        return reordered(Arrays.stream(indices).map(this::sourceIndex).toArray());
    }

    /** The images that are marked, or those that are not. */
    Selection where(boolean[] marks, boolean mark) {
        return select(IntStream.range(0, size()).filter(i -> marks[i] == mark).toArray());
    }

    private Selection reordered(int[] newOrder) {
        return new Selection(classNames, classOfSource, newOrder);
    }

    /** How many images each class has; the first classes, where there are many. */
    @Override
    public String toString() {
        int[] counts = classCounts();
        StringJoiner classes = new StringJoiner(", ");
        for (int i = 0; i < Math.min(counts.length, MOST_CLASSES_NAMED); i++) {
            classes.add(classNames.get(i) + " (" + counts[i] + ")");
        }
        if (counts.length > MOST_CLASSES_NAMED) {
            classes.add("...");
        }
        return size() + " images, " + counts.length + " classes: " + classes;
    }
}
