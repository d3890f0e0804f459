package org.transfer4j.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.natives.FirstUse;

/**
 * Labels to one-hot rows and back.
 *
 * <p>A label is any text in Unicode's composed form (NFC); one in another form is composed. An integer label is its decimal
 * text, so that 7 and "7" are the same label. Otherwise labels are compared exactly: "007" is another label than "7",
 * and " cat" another than "cat"; but the log warns of classes that differ only in case, white space or compatible forms.
 *
 * <p>Immutable and safe for many threads.
 */
public final class OneHotLabelEncoder {
    private static final int NAMES_IN_MESSAGE = 20;

    /** Far beyond any network; the names of as many as an int counts don't fit into memory. */
    private static final int MOST_NUMBERED = 1_000_000;

    private static final String KIND = "one-hot-label-encoder";
    private static final int JSON_VERSION = 1;
    private static final String FAIL = "fail";
    private static final String ALL_ZEROS = "all-zeros";

    private final List<String> classNames;
    private final Map<String, Integer> indices;
    private final UnknownLabels unknown;

    private OneHotLabelEncoder(List<String> classNames, UnknownLabels unknown) {
        this.classNames = List.copyOf(classNames);
        this.unknown = unknown;
        this.indices = new LinkedHashMap<>();
        for (String name : classNames) {
            if (indices.put(name, indices.size()) != null) {
                throw new IllegalArgumentException("class names must differ, got '" + name + "' twice");
            }
        }
    }

    /**
     * The classes that occur in the labels, in the order of {@link #sortedClasses}.
     *
     * @param labels at least one
     * @return an encoder that refuses unknown labels
     * @throws IllegalArgumentException without labels, and for a null label
     * @throws DatasetException for a label with U+FFFD, which stands for what could not be decoded, or half a surrogate
     *     pair
     */
    public static OneHotLabelEncoder fit(List<String> labels) {
        return warned(new OneHotLabelEncoder(ClassOrder.sorted(requireSome(labels)), UnknownLabels.FAIL));
    }

    private static OneHotLabelEncoder warned(OneHotLabelEncoder encoder) {
        LabelText.warnOfTwins("a label encoder", encoder.classNames);
        return encoder;
    }

    /**
     * As {@link #fit(List)}.
     *
     * @param labels at least one
     * @return an encoder that refuses unknown labels
     * @throws IllegalArgumentException without labels, and for a null label
     * @throws DatasetException for a label with U+FFFD, which stands for what could not be decoded, or half a surrogate
     *     pair
     */
    public static OneHotLabelEncoder fit(String... labels) {
        return fit(Arrays.asList(labels));
    }

    /**
     * The distinct integers in ascending order: the labels 3, 9, 5, 3 make the classes "3", "5", "9".
     *
     * @param labels at least one
     * @return an encoder that refuses unknown labels
     * @throws IllegalArgumentException without labels
     */
    public static OneHotLabelEncoder fit(int[] labels) {
        return fit(texts(labels));
    }

    /**
     * The classes "0" to n - 1, whether or not they occur.
     *
     * @param classes how many, 1 to 1,000,000
     * @return an encoder that refuses unknown labels
     * @throws IllegalArgumentException for less or more
     */
    public static OneHotLabelEncoder ofClasses(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("there must be at least 1 class, got " + classes);
        }
        if (classes > MOST_NUMBERED) {
            throw new IllegalArgumentException("at most " + MOST_NUMBERED + " classes are numbered, got " + classes);
        }
        return ofClassNames(
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    }

    /**
     * Classes in the order given.
     *
     * @param classNames at least one, all different
     * @return an encoder that refuses unknown labels
     * @throws IllegalArgumentException without names, for a name that occurs twice, and for null
     * @throws DatasetException for a name that could not be decoded
     */
    public static OneHotLabelEncoder ofClassNames(List<String> classNames) {
        return warned(new OneHotLabelEncoder(requireSome(classNames), UnknownLabels.FAIL));
    }

    /**
     * The distinct labels in the order that classes get by themselves, here and in datasets: ascending by value if all are
     * integers (an optional plus or minus and ASCII digits, of any length; those of equal value, such as "7", "+7" and
     * "007", by code point), else by Unicode code point. So "-1" comes before "+1", but "+1" before "-1" where there is
     * an "a" or a "1.0" too.
     *
     * @param labels in any order, repeated or not; none give an empty list
     * @return the distinct labels in their composed form, sorted; unmodifiable
     * @throws IllegalArgumentException for a null label
     * @throws DatasetException for a label that could not be decoded
     */
    public static List<String> sortedClasses(Collection<String> labels) {
        Objects.requireNonNull(labels, "labels");
        return ClassOrder.sorted(LabelText.read(labels));
    }

    /**
     * The same classes with another policy for labels that are none of them.
     *
     * @param policy the policy; without this call it is {@link UnknownLabels#FAIL}
     * @return a new encoder
     */
    public OneHotLabelEncoder withUnknown(UnknownLabels policy) {
        Objects.requireNonNull(policy, "policy");
        return new OneHotLabelEncoder(classNames, policy);
    }

    /**
     * One row for each label: 1 in the column of its class, else 0.
     *
     * @param labels at least one
     * @return a new float32 array [N, {@link #size()}]
     * @throws IllegalArgumentException without labels, and for a null label
     * @throws DatasetException for an unknown label under {@link UnknownLabels#FAIL}, and for one that could not be decoded
     */
    public INDArray encode(List<String> labels) {
        List<String> read = requireSome(labels);
        FirstUse.ND4J.start();
        INDArray rows = Nd4j.zeros(DataType.FLOAT, read.size(), size());
        int row = 0;
        for (String label : read) {
            Integer index = indices.get(label);
            if (index != null) {
                rows.putScalar(row, index, 1f);
            } else if (unknown == UnknownLabels.FAIL) {
                throw new DatasetException(null, "label " + row + ": " + noClass(label));
            }
            row++;
        }
        return rows;
    }

    /**
     * One label as an array of one row.
     *
     * @param label the label
     * @return a new float32 array [1, {@link #size()}]
     * @throws IllegalArgumentException for null
     * @throws DatasetException for an unknown label under {@link UnknownLabels#FAIL}, and for one that could not be decoded
     */
    public INDArray encode(String label) {
        return encode(Arrays.asList(label));
    }

    /**
     * As {@link #encode(List)}, of integer labels. They are labels, not class indices: an encoder fitted on 3, 5 and 9
     * puts label 5 into column 1.
     *
     * @param labels at least one
     * @return a new float32 array [N, {@link #size()}]
     * @throws IllegalArgumentException without labels
     * @throws DatasetException for an unknown label under {@link UnknownLabels#FAIL}
     */
    public INDArray encode(int... labels) {
        return encode(texts(labels));
    }

    /**
     * The label of the largest value of each row; of equal values the first counts.
     *
     * @param rows [N, {@link #size()}], one-hot, probabilities or other scores, of any numeric type; N at least 1
     * @return N labels
     * @throws IllegalArgumentException for another shape or type
     * @throws DatasetException for NaN, and under both policies for a row that is all zeros: it stands for no class, and
     *     any label for it would be invented
     */
    public List<String> decode(INDArray rows) {
        OneHotRows oneHot = new OneHotRows(rows, size());
        List<String> labels = new ArrayList<>(oneHot.count());
        for (int row = 0; row < oneHot.count(); row++) {
            labels.add(classNames.get(oneHot.largest(row)));
        }
        return labels;
    }

    /**
     * The column of a class.
     *
     * @param label the label
     * @return 0 to {@link #size()} - 1
     * @throws IllegalArgumentException for null
     * @throws DatasetException for a label that is no class, under both policies
     */
    public int classIndex(String label) {
        Integer index = indices.get(LabelText.read(Arrays.asList(label)).get(0));
        if (index == null) {
            throw new DatasetException(null, noClass(label));
        }
        return index;
    }

    /**
     * The classes in the order of their columns.
     *
     * @return the names, unmodifiable
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * How many classes there are.
     *
     * @return at least 1
     */
    public int size() {
        return classNames.size();
    }

    /**
     * Writes classes and policy as a JSON object of one line, versioned, that {@link #fromJson} of this and later
     * versions reads. It is ASCII: other characters are escaped.
     *
     * @return the JSON
     */
    public String toJson() {
        return Json.writeAscii(
                new Stored(KIND, JSON_VERSION, classNames, unknown == UnknownLabels.FAIL ? FAIL : ALL_ZEROS));
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json the JSON
     * @return an equal encoder
     * @throws IllegalArgumentException for text that is not such JSON, a later version, classes that occur twice, and
     *     unknown policies or fields; the message lists the known ones
     * @throws DatasetException for a class name that could not be decoded
     */
    public static OneHotLabelEncoder fromJson(String json) {
        Stored stored = Json.read(json, KIND, JSON_VERSION, Stored.class);
        UnknownLabels unknown = switch (stored.unknown()) {
            case FAIL -> UnknownLabels.FAIL;
            case ALL_ZEROS -> UnknownLabels.ALL_ZEROS;
            default ->
                throw new IllegalArgumentException("unknown policy '" + stored.unknown()
                        + "' for unknown labels: known are " + FAIL + ", " + ALL_ZEROS);
        };
        return ofClassNames(stored.classes()).withUnknown(unknown);
    }

    /** The JSON. The policies have names of their own, so that renaming a constant doesn't change it. */
    private record Stored(String kind, int version, List<String> classes, String unknown) {}

    @Override
    public boolean equals(Object other) {
        return other instanceof OneHotLabelEncoder that
                && classNames.equals(that.classNames)
                && unknown == that.unknown;
    }

    @Override
    public int hashCode() {
        return 31 * classNames.hashCode() + unknown.hashCode();
    }

    /**
     * The classes and the policy.
     *
     * @return such as "OneHotLabelEncoder[3 classes: cat, dog, fox; unknown labels: FAIL]"
     */
    @Override
    public String toString() {
        return "OneHotLabelEncoder[" + size() + " classes: " + someNames() + "; unknown labels: " + unknown + "]";
    }

    private String noClass(String label) {
        return "'" + label + "' is none of the " + size() + " classes: " + someNames();
    }

    private String someNames() {
        return classNames.stream().limit(NAMES_IN_MESSAGE).collect(Collectors.joining(", "))
                + (size() > NAMES_IN_MESSAGE ? ", ..." : "");
    }

    private static List<String> texts(int[] labels) {
        return IntStream.of(labels).mapToObj(Integer::toString).toList();
    }

    private static List<String> requireSome(List<String> labels) {
        Objects.requireNonNull(labels, "labels");
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one label");
        }
        return LabelText.read(labels);
    }

    /** The rows of an array [N, classes], and the places of large values in each. */
    static final class OneHotRows {
        private final DataBuffer values;
        private final int rows;
        private final int columns;

        OneHotRows(INDArray array, int classes) {
            if (array == null || array.wasClosed()) {
                throw new IllegalArgumentException(
                        "labels must be an array that is open, got " + (array == null ? "null" : "a closed one"));
            }
            if (array.rank() != 2
                    || array.isEmpty()
                    || array.size(1) != classes
                    || !array.dataType().isNumerical()) {
                throw new IllegalArgumentException("labels must be numbers of shape [N, " + classes
                        + "] with N at least 1, got " + array.dataType() + " " + Arrays.toString(array.shape()));
            }
            this.values = array.dup('c').data();
            this.rows = Math.toIntExact(array.size(0));
            this.columns = classes;
        }

        int count() {
            return rows;
        }

        /** The first of the largest values. */
        int largest(int row) {
            int largest = 0;
            boolean allZeros = true;
            for (int column = 0; column < columns; column++) {
                double value = number(row, column);
                allZeros &= value == 0;
                if (value > at(row, largest)) {
                    largest = column;
                }
            }
            if (allZeros) {
                throw new DatasetException(null, "row " + row + " of the labels is all zeros: it stands for no class");
            }
            return largest;
        }

        /** The columns with a value above a threshold, as floats, which probabilities are: 0.3f is above the double 0.3. */
        int[] above(int row, double threshold) {
            return IntStream.range(0, columns)
                    .filter(column -> (float) number(row, column) > (float) threshold)
                    .toArray();
        }

        private double number(int row, int column) {
            double value = at(row, column);
            if (Double.isNaN(value)) {
                throw new DatasetException(null, "row " + row + " of the labels is NaN in column " + column);
            }
            return value;
        }

        private double at(int row, int column) {
            return values.getDouble((long) row * columns + column);
        }
    }
}
