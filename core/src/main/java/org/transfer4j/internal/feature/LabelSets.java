package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.transfer4j.error.DatasetException;

/**
 * The sets of labels that occur, each with a number. Where images have several labels, the number of an image's set takes
 * the place of its class in all that moves images and features about; only the loss asks what is in the set. It grows as
 * new sets are found. Safe for use by several threads.
 */
public final class LabelSets {
    private final List<String> classNames;
    private final Map<String, Integer> indices = new HashMap<>();
    private final Map<BitSet, Integer> numbers = new HashMap<>();
    private final List<float[]> rows = new ArrayList<>();

    /** No set yet. */
    public LabelSets(List<String> classNames) {
        this.classNames = List.copyOf(classNames);
        this.classNames.forEach(name -> indices.put(name, indices.size()));
    }

    /** The classes of which the sets are made. */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * The number of a set of labels.
     *
     * @throws DatasetException if a label is no class
     */
    public int numberOf(Collection<String> labels) {
        BitSet classes = new BitSet();
        for (String label : labels) {
            Integer index = indices.get(label);
            if (index == null) {
                throw new DatasetException(null, "'" + label + "' is none of the classes " + classNames);
            }
            classes.set(index);
        }
        return numberOf(classes);
    }

    /** The number of a set of class indices. */
    synchronized int numberOf(BitSet classes) {
        Integer known = numbers.get(classes);
        if (known != null) {
            return known;
        }
        float[] row = new float[classNames.size()];
        classes.stream().forEach(index -> row[index] = 1);
        rows.add(row);
        numbers.put((BitSet) classes.clone(), rows.size() - 1);
        return rows.size() - 1;
    }

    /** 1 for each class that is in the set, else 0. Not to be changed. */
    public synchronized float[] row(int number) {
        return rows.get(number);
    }

    /** How many sets there are so far. */
    public synchronized int size() {
        return rows.size();
    }
}
