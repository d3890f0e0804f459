package org.transfer4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows with their features, each computed once: kept on the executors' disks until this is closed, since sorting looks at rows
 * twice.
 */
final class ComputedRows implements AutoCloseable {
    static final String FEATURES = "features";
    static final String ERROR = "error";

    private static final int MOST_NAMED = 3;
    private static final Logger LOG = LoggerFactory.getLogger(ComputedRows.class);

    private final Dataset<Row> kept;

    private ComputedRows(Dataset<Row> kept) {
        this.kept = kept;
    }

    /** The features of images, in parallel. */
    static ComputedRows of(NetworkFile layers, Dataset<Row> rows) {
        return keeping(computed(layers, rows).drop(LabelledRows.IMAGE));
    }

    /** Rows with features and errors beside. */
    static Dataset<Row> computed(NetworkFile layers, Dataset<Row> rows) {
        return ComputedPartition.of(
                layers,
                rows,
                LabelledRows.IMAGE,
                new FeatureBytes(),
                rows.schema().add(FEATURES, DataTypes.BinaryType, true).add(ERROR, DataTypes.StringType, true));
    }

    /**
     * Computes rows and looks for those without features.
     *
     * @param rows key, label, validation, features, error
     * @throws IllegalArgumentException if none has features, of all, of those to learn from, or of those for validation
     */
    static ComputedRows keeping(Dataset<Row> rows) {
        ComputedRows computed = new ComputedRows(rows.persist(StorageLevel.DISK_ONLY()));
        try {
            computed.requireUsable();
            return computed;
        } catch (RuntimeException | Error e) {
            computed.close();
            throw e;
        }
    }

    private void requireUsable() {
        List<Row> parts = kept.groupBy(LabelledRows.VALIDATION)
                .agg(count(lit(1)), count(col(FEATURES)))
                .collectAsList();
        long all = parts.stream().mapToLong(part -> part.getLong(1)).sum();
        long usable = parts.stream().mapToLong(part -> part.getLong(2)).sum();
        Dataset<Row> broken = kept.filter(col(FEATURES).isNull());
        if (usable == 0) {
            throw new IllegalArgumentException("none of the " + all + " images can be used: " + reasons(broken));
        }
        for (Row part : parts) {
            if (part.getLong(2) == 0) {
                boolean validation = part.getBoolean(0);
                throw new IllegalArgumentException("none of the " + part.getLong(1) + " images "
                        + (validation ? "for validation" : "to learn from") + " can be used: "
                        + reasons(broken.filter(col(LabelledRows.VALIDATION).equalTo(validation))));
            }
        }
        if (usable < all) {
            LOG.warn("{} of {} images can't be used and are not learned from: {}", all - usable, all, reasons(broken));
        }
    }

    private static String reasons(Dataset<Row> broken) {
        return broken.select(LabelledRows.KEY, ERROR).limit(MOST_NAMED).collectAsList().stream()
                .map(row -> row.get(0) + ": " + row.get(1))
                .collect(Collectors.joining("; "));
    }

    /** Those that have features. */
    Dataset<Row> usable() {
        return kept.filter(col(FEATURES).isNotNull());
    }

    /** Label, validation and features of those that have them, in the order of the keys. */
    Dataset<Row> sorted() {
        return usable().orderBy(LabelledRows.KEY).select(LabelledRows.LABEL, LabelledRows.VALIDATION, FEATURES);
    }

    @Override
    public void close() {
        kept.unpersist();
    }

    /** An image's features as bytes, floats in little-endian order: half of what a vector of doubles takes, and in Parquet too. */
    static final class FeatureBytes implements ComputedPartition.Columns {
        private static final long serialVersionUID = 1L;

        @Override
        public Object[] of(float[] numbers) {
            ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(numbers);
            return new Object[] {bytes.array()};
        }

        @Override
        public int count() {
            return 1;
        }

        /** Puts features where a buffer's position is, in its order. */
        static void copy(byte[] features, ByteBuffer target) {
            ByteBuffer source = ByteBuffer.wrap(features).order(ByteOrder.LITTLE_ENDIAN);
            target.asFloatBuffer().put(source.asFloatBuffer());
            target.position(target.position() + features.length);
        }
    }
}
