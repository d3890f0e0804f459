package org.transfer4j.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;

/** What a column of labels has, and which classes its values are. */
final class Labels {
    /** A class for each image is known by this limit from its name, a key or a number. */
    static final int MOST_CLASSES = 100_000;

    private final Kind kind;
    private final List<String> classNames;
    private final Map<String, Integer> indices = new HashMap<>();

    /** Few objects, however many images. */
    private final Map<Object, Target> targets = new HashMap<>();

    private Labels(Kind kind, List<String> classNames) {
        this.kind = kind;
        this.classNames = classNames;
        for (int i = 0; i < classNames.size(); i++) {
            indices.put(classNames.get(i), i);
        }
    }

    /** How labels are written. */
    enum Kind {
        /** A class's name. */
        NAME,
        /** A class's index, as Spark ML's own classifiers want it. */
        INDEX,
        /** The names of any number of classes. */
        SEVERAL;

        static Kind of(StructField column) {
            DataType type = column.dataType();
            if (type.equals(DataTypes.StringType)) {
                return NAME;
            }
            if (type instanceof NumericType) {
                return INDEX;
            }
            if (type instanceof ArrayType array && array.elementType().equals(DataTypes.StringType)) {
                return SEVERAL;
            }
            throw new IllegalArgumentException(
                    "labelCol must be of type string (names), a number (indices of classes) or"
                            + " array<string> (several labels), but \"" + column.name() + "\" is of type "
                            + type.simpleString());
        }

        /** The column in one of three types. */
        Column plain(Column labels) {
            return this == INDEX ? labels.cast(DataTypes.DoubleType) : labels;
        }
    }

    /**
     * The classes.
     *
     * @param column with the names of indices, where an indexer left them
     * @param learned the distinct labels of the rows to learn from; of arrays their elements
     */
    static Labels of(Kind kind, StructField column, Collection<Object> learned) {
        if (kind == Kind.INDEX) {
            List<String> names = indexed(column);
            learned.forEach(label -> requireIndex((Double) label, names));
            return new Labels(kind, names.isEmpty() ? numbers(learned) : names);
        }
        List<String> texts = learned.stream().map(Object::toString).toList();
        return new Labels(kind, ClassOrder.sorted(LabelText.read(texts)));
    }

    /** Those that {@code StringIndexer} and its kin put into a column's metadata. */
    private static List<String> indexed(StructField column) {
        Metadata metadata = column.metadata();
        Metadata attribute = metadata.contains("ml_attr") ? metadata.getMetadata("ml_attr") : Metadata.empty();
        if (!attribute.contains("vals")) {
            return List.of();
        }
        List<String> names = LabelText.read(Arrays.asList(attribute.getStringArray("vals")));
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("labelCol must have an index for each name, but the metadata of \""
                        + column.name() + "\" has two for \"" + name
                        + "\", maybe in two forms of Unicode: compose the names (NFC) before StringIndexer");
            }
        }
        return names;
    }

    private static void requireIndex(double index, List<String> names) {
        int most = names.isEmpty() ? MOST_CLASSES : names.size();
        if (!(index >= 0 && index < most) || index != Math.rint(index)) {
            throw new IllegalArgumentException("labelCol must have indices of classes, 0, 1, 2 and so on below " + most
                    + ", got " + index + "; StringIndexer makes them of names");
        }
    }

    private static List<String> numbers(Collection<Object> learned) {
        int most = -1;
        for (Object label : learned) {
            most = Math.max(most, ((Double) label).intValue());
        }
        return IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
    }

    boolean areSeveral() {
        return kind == Kind.SEVERAL;
    }

    List<String> classNames() {
        return classNames;
    }

    /**
     * A class's index, or -1 if nobody learns it.
     *
     * @param label of an array one element
     */
    int index(Object label) {
        if (kind == Kind.INDEX) {
            double index = (Double) label;
            return index >= 0 && index < classNames.size() && index == Math.rint(index) ? (int) index : -1;
        }
        return indices.getOrDefault(LabelText.normal(label.toString()), -1);
    }

    /** What is right for a row's label, whose classes are all known. */
    Target target(Object label) {
        Object value = label instanceof Collection<?> several ? new ArrayList<>(several) : label;
        return targets.computeIfAbsent(value, this::made);
    }

    private Target made(Object label) {
        if (!(label instanceof Collection<?> several)) {
            return new Target.OneClass(index(label));
        }
        BitSet members = new BitSet();
        several.forEach(name -> members.set(index(name)));
        return new Target.SeveralClasses(members, classNames.size());
    }

    /** Refuses labels that are not learned. */
    void requireLearned(Collection<Object> validated) {
        TreeSet<String> unknown = new TreeSet<>();
        validated.stream()
                .filter(label -> index(label) < 0)
                .map(Object::toString)
                .forEach(unknown::add);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "validation rows must have classes that are learned, " + classNames + ", but have " + unknown);
        }
    }
}
