package org.transfer4j.spark;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What our stages have in common: the column of images, those that are added, and rows whose image can't be used. */
final class ImageColumns {
    /** As the source {@code binaryFile} calls it. */
    static final String INPUT = "content";

    static final String ERROR = "error";
    static final String KEEP = "keep";
    static final String SKIP = "skip";

    static final String EXTRACTOR = "file of a FeatureExtractor, where none was given";
    static final String IMAGES = "column of images: encoded, or their paths";
    static final String ERRORS = "column that is added and says why an image can't be used, null where it can";
    static final String HANDLE_INVALID =
            "what becomes of rows whose image can't be used: keep (what is added is null) or skip (they are left out)";

    private ImageColumns() {}

    /** The column that a parameter names. */
    static StructField require(StructType schema, String param, String column) {
        List<String> names = Arrays.asList(schema.fieldNames());
        if (!names.contains(column)) {
            throw new IllegalArgumentException(
                    param + " must be a column, but there is no \"" + column + "\" among " + names);
        }
        return schema.apply(column);
    }

    static void requireImages(StructType schema, String input) {
        DataType type = require(schema, "inputCol", input).dataType();
        if (!Set.of(DataTypes.BinaryType, DataTypes.StringType).contains(type)) {
            throw new IllegalArgumentException(
                    "inputCol must be of type binary (encoded images) or string (paths), but \"" + input
                            + "\" is of type " + type.simpleString());
        }
    }

    /** The columns that are there and those that are added; without regard to case, as Spark resolves names by default. */
    static StructType with(StructType schema, StructType added) {
        StructType all = schema;
        for (StructField field : added.fields()) {
            List<String> names = Arrays.asList(all.fieldNames());
            if (names.stream().anyMatch(name -> lower(name).equals(lower(field.name())))) {
                throw new IllegalArgumentException(
                        "columns that are added must be new, but \"" + field.name() + "\" is there already: " + names);
            }
            all = all.add(field);
        }
        return all;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    static void requireHandling(String handling) {
        if (!List.of(KEEP, SKIP).contains(handling)) {
            throw new IllegalArgumentException("handleInvalid must be keep or skip, got " + handling);
        }
    }

    static Vector vector(float[] numbers) {
        double[] doubles = new double[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            doubles[i] = numbers[i];
        }
        return Vectors.dense(doubles);
    }
}
