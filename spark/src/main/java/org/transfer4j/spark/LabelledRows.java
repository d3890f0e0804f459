package org.transfer4j.spark;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.LearningData;

/**
 * The rows to learn from, under names of our own, with what can be said of them before any image is read: columns of other names
 * are left behind.
 */
final class LabelledRows {
    static final String KEY = "key";
    static final String LABEL = "label";
    static final String VALIDATION = "validation";
    static final String IMAGE = "image";

    private static final String COUNT = "count";
    private static final Set<DataType> KEYS = Set.of(
            DataTypes.StringType, DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

    private final Dataset<Row> rows;
    private final Labels labels;
    private final Part training;
    private final @Nullable Part validation;

    private LabelledRows(Dataset<Row> rows, Labels labels, Part training, @Nullable Part validation) {
        this.rows = rows;
        this.labels = labels;
        this.training = training;
        this.validation = validation;
    }

    /**
     * The columns that are read.
     *
     * @param validation null where all rows are learned from
     */
    record Columns(
            String image,
            String label,
            String key,
            @Nullable String validation) {
        /**
         * Looks at the types.
         *
         * @return how labels are written
         */
        Labels.Kind require(StructType schema) {
            ImageColumns.requireImages(schema, image);
            StructField labels = ImageColumns.require(schema, "labelCol", label);
            DataType keys = ImageColumns.require(schema, "keyCol", key).dataType();
            if (!KEYS.contains(keys)) {
                throw new IllegalArgumentException("keyCol must be of type string or a whole number, by which rows are"
                        + " sorted, but \"" + key + "\" is of type " + keys.simpleString());
            }
            if (validation != null) {
                DataType marks = ImageColumns.require(schema, "validationIndicatorCol", validation)
                        .dataType();
                if (!marks.equals(DataTypes.BooleanType)) {
                    throw new IllegalArgumentException("validationIndicatorCol must be of type boolean, but \""
                            + validation + "\" is of type " + marks.simpleString());
                }
            }
            return Labels.Kind.of(labels);
        }
    }

    /**
     * Some of the rows.
     *
     * @param size how many
     * @param classCounts how many of them have each class
     */
    private record Part(long size, List<Integer> classCounts) {
        LearningData expected(Labels labels) {
            int[] counts = classCounts.stream().mapToInt(Integer::intValue).toArray();
            return new LearningData.Computed(
                    ComputedFeatures.expected(labels.classNames(), counts, size),
                    labels.areSeveral() ? AnswerKind.LABELS : AnswerKind.ONE_CLASS);
        }
    }

    /**
     * Counts labels, and looks for what can't be learned from: one pass over labels and one over keys.
     *
     * @throws IllegalArgumentException if there is no such column, it has another type, or values that it must not have
     */
    static LabelledRows of(Dataset<?> dataset, Columns columns) {
        Labels.Kind kind = columns.require(dataset.schema());
        String marks = columns.validation();
        Dataset<Row> rows = dataset.toDF()
                .select(
                        named(columns.key()).as(KEY),
                        kind.plain(named(columns.label())).as(LABEL),
                        (marks == null ? lit(false) : named(marks)).as(VALIDATION),
                        named(columns.image()).as(IMAGE));
        requireValues(rows, kind, columns);
        requireKeys(rows, columns.key());
        Dataset<Row> single = kind == Labels.Kind.SEVERAL
                ? rows.select(explode(array_distinct(col(LABEL))).as(LABEL), col(VALIDATION))
                : rows;
        List<Row> counts = single.groupBy(LABEL, VALIDATION)
                .count()
                .limit(Labels.MOST_CLASSES + 1)
                .collectAsList();
        if (counts.size() > Labels.MOST_CLASSES) {
            throw new IllegalArgumentException("labelCol must have " + Labels.MOST_CLASSES
                    + " different labels at most, but \"" + columns.label() + "\" has more");
        }
        if (labels(counts, false).isEmpty()) {
            throw new IllegalArgumentException("labelCol must have a label in a row to learn from, but \""
                    + columns.label() + "\" has none in any of them");
        }
        Labels labels = Labels.of(kind, dataset.schema().apply(columns.label()), labels(counts, false));
        labels.requireLearned(labels(counts, true));
        return new LabelledRows(
                rows,
                labels,
                part(rows, labels, counts, false),
                marks == null ? null : part(rows, labels, counts, true));
    }

    /** Also one with dots in its name. */
    static Column named(String column) {
        return col("`" + column.replace("`", "``") + "`");
    }

    private static List<Object> labels(List<Row> counts, boolean validation) {
        List<Object> labels = new ArrayList<>();
        for (Row row : counts) {
            if (row.getBoolean(1) == validation) {
                labels.add(row.get(0));
            }
        }
        return labels;
    }

    private static Part part(Dataset<Row> rows, Labels labels, List<Row> counts, boolean validation) {
        List<Integer> ofClass =
                new ArrayList<>(Collections.nCopies(labels.classNames().size(), 0));
        for (Row row : counts) {
            if (row.getBoolean(1) == validation) {
                int index = labels.index(row.get(0));
                ofClass.set(index, Math.toIntExact(ofClass.get(index) + row.getLong(2)));
            }
        }
        long size = labels.areSeveral()
                ? rows.filter(col(VALIDATION).equalTo(validation)).count()
                : ofClass.stream().mapToLong(Integer::longValue).sum();
        return new Part(size, ofClass);
    }

    private static void requireValues(Dataset<Row> rows, Labels.Kind kind, Columns columns) {
        Column element = kind == Labels.Kind.SEVERAL ? expr("exists(label, l -> l is null)") : lit(false);
        Row nulls = rows.agg(
                        sum(col(LABEL).isNull().or(element).cast(DataTypes.LongType)),
                        sum(col(VALIDATION).isNull().cast(DataTypes.LongType)),
                        count(lit(1)),
                        sum(col(VALIDATION).cast(DataTypes.LongType)))
                .first();
        if (nulls.getLong(2) == 0) {
            throw new IllegalArgumentException("a head needs rows to learn from, got none");
        }
        requireNone("labelCol", columns.label(), nulls.getLong(0));
        requireNone("validationIndicatorCol", String.valueOf(columns.validation()), nulls.getLong(1));
        if (nulls.getLong(3) == nulls.getLong(2)) {
            throw new IllegalArgumentException("a head needs rows to learn from, but \"" + columns.validation()
                    + "\" makes all of them rows to validate with");
        }
    }

    private static void requireNone(String param, String column, long nulls) {
        if (nulls > 0) {
            throw new IllegalArgumentException(
                    param + " must not be null, but \"" + column + "\" is null in " + nulls + " rows");
        }
    }

    /** The order of rows that have the same key would be that of their partitions. */
    private static void requireKeys(Dataset<Row> rows, String column) {
        List<Row> wrong = rows.groupBy(KEY)
                .agg(count(lit(1)).as(COUNT))
                .filter(col(COUNT).gt(1).or(col(KEY).isNull()))
                .limit(1)
                .collectAsList();
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("keyCol must tell rows apart, but \"" + column + "\" is "
                    + wrong.get(0).get(0) + " in " + wrong.get(0).getLong(1) + " rows");
        }
    }

    /** Key, label, validation, image. */
    Dataset<Row> rows() {
        return rows;
    }

    Labels labels() {
        return labels;
    }

    long size() {
        return training.size() + (validation == null ? 0 : validation.size());
    }

    /** The training rows, for checks before the work. */
    LearningData expectedTraining() {
        return training.expected(labels);
    }

    /** The validation rows, for checks before the work; empty where none are asked for. */
    Optional<LearningData> expectedValidation() {
        return Optional.ofNullable(validation).map(part -> part.expected(labels));
    }
}
