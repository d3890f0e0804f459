package org.transfer4j.label;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.label.OneHotLabelEncoder.OneHotRows;

/**
 * Sets of labels to multi-hot rows and back: the counterpart of {@link OneHotLabelEncoder} where one thing has several
 * labels, or none. What scikit-learn calls {@code MultiLabelBinarizer}, except that an unknown label is refused. Labels
 * are read and compared as there.
 *
 * <p>Immutable and safe for many threads.
 */
public final class MultiHotLabelEncoder {
    private final OneHotLabelEncoder classes;

    private MultiHotLabelEncoder(OneHotLabelEncoder classes) {
        this.classes = classes;
    }

    /**
     * The classes that occur in the sets, in the order of {@link OneHotLabelEncoder#sortedClasses}.
     *
     * @param labels sets with at least one label among them
     * @return an encoder
     * @throws IllegalArgumentException without labels, and for a null label
     * @throws DatasetException for a label that could not be decoded
     */
    public static MultiHotLabelEncoder fit(List<? extends Collection<String>> labels) {
        Objects.requireNonNull(labels, "labels");
        List<String> all = new ArrayList<>();
        labels.forEach(all::addAll);
        return new MultiHotLabelEncoder(OneHotLabelEncoder.fit(all));
    }

    /**
     * Classes in the order given.
     *
     * @param classNames at least one, all different
     * @return an encoder
     * @throws IllegalArgumentException without names, for a name that occurs twice, and for null
     * @throws DatasetException for a name that could not be decoded
     */
    public static MultiHotLabelEncoder ofClassNames(List<String> classNames) {
        Objects.requireNonNull(classNames, "classNames");
        return new MultiHotLabelEncoder(OneHotLabelEncoder.ofClassNames(classNames));
    }

    /**
     * One row for each set: 1 in the columns of its labels, else 0.
     *
     * @param labels at least one set, which may be empty
     * @return a new float32 array [N, {@link #size()}]
     * @throws IllegalArgumentException without sets
     * @throws DatasetException for a label that is no class
     */
    public INDArray encode(List<? extends Collection<String>> labels) {
        Objects.requireNonNull(labels, "labels");
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one set of labels");
        }
        FirstUse.ND4J.start();
        INDArray rows = Nd4j.zeros(DataType.FLOAT, labels.size(), size());
        int row = 0;
        for (Collection<String> set : labels) {
            for (String label : set) {
                rows.putScalar(row, classes.classIndex(label), 1f);
            }
            row++;
        }
        return rows;
    }

    /**
     * The labels of the values above one half.
     *
     * @param rows [N, {@link #size()}], multi-hot or probabilities, of any numeric type; N at least 1
     * @return N sets, each in the order of the classes; unmodifiable
     * @throws IllegalArgumentException for another shape or type
     * @throws DatasetException for NaN
     */
    public List<Set<String>> decode(INDArray rows) {
        return decode(rows, 0.5);
    }

    /**
     * The labels of the values above a threshold.
     *
     * @param rows as for {@link #decode(INDArray)}
     * @param threshold between 0 and 1, both excluded
     * @return N sets, each in the order of the classes; unmodifiable
     * @throws IllegalArgumentException for another shape or type, or another threshold
     * @throws DatasetException for NaN
     */
    public List<Set<String>> decode(INDArray rows, double threshold) {
        if (!(threshold > 0 && threshold < 1)) {
            throw new IllegalArgumentException("a threshold is above 0 and below 1, got " + threshold);
        }
        OneHotRows values = new OneHotRows(rows, size());
        List<Set<String>> sets = new ArrayList<>(values.count());
        for (int row = 0; row < values.count(); row++) {
            Set<String> set = new LinkedHashSet<>();
            for (int column : values.above(row, threshold)) {
                set.add(classNames().get(column));
            }
            sets.add(Collections.unmodifiableSet(set));
        }
        return sets;
    }

    /**
     * The column of a class.
     *
     * @param label the label
     * @return 0 to {@link #size()} - 1
     * @throws DatasetException for a label that is no class
     */
    public int classIndex(String label) {
        return classes.classIndex(label);
    }

    /**
     * The classes in the order of their columns.
     *
     * @return the names, unmodifiable
     */
    public List<String> classNames() {
        return classes.classNames();
    }

    /**
     * How many classes there are.
     *
     * @return at least 1
     */
    public int size() {
        return classes.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MultiHotLabelEncoder that && classes.equals(that.classes);
    }

    @Override
    public int hashCode() {
        return classes.hashCode();
    }

    /**
     * The classes.
     *
     * @return such as "MultiHotLabelEncoder[cat, dog, fox]"
     */
    @Override
    public String toString() {
        return "MultiHotLabelEncoder" + classNames();
    }
}
