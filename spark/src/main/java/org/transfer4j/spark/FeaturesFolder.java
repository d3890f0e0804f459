package org.transfer4j.spark;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sha2;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.UUID;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.ContentHash;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * Features that are kept from fit to fit, as Parquet: below the named folder one folder for each recipe of features, called as the
 * feature cache of one machine calls it (layers, weights, size, preprocessing, engine, version); in it a folder of each fit that had
 * something to add, of rows of an image's SHA-256, its features, and a SHA-256 of recipe, image and features. Rows whose sum is wrong
 * are as good as not there: they are computed anew. Each row tells its image by its bytes, so that other data shares what it has in
 * common, as the parts of a cross-validation do, and a fit that is ended in the middle leaves nothing wrong.
 */
final class FeaturesFolder {
    private static final String CHECK = "sha256";
    private static final StructType SCHEMA = new StructType()
            .add(ImageDigests.DIGEST, DataTypes.BinaryType)
            .add(ComputedRows.FEATURES, DataTypes.BinaryType)
            .add(CHECK, DataTypes.StringType);

    /** So many keys go to all executors in place of the images to one of them. */
    private static final long FEW = 1_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(FeaturesFolder.class);

    private final SparkSession session;
    private final String space;
    private final Path folder;
    private final int width;

    private FeaturesFolder(SparkSession session, String space, Path folder, int width) {
        this.session = session;
        this.space = space;
        this.folder = folder;
        this.width = width;
    }

    /** The features of some layers in a folder of one of Hadoop's file systems. */
    static FeaturesFolder of(String folder, Extractor layers, SparkSession session) {
        String space = layers.space().name();
        return new FeaturesFolder(session, space, new Path(folder, space), layers.length());
    }

    /**
     * Features of all rows: those that are there are read, others are computed and kept.
     *
     * @param rows key, label, validation, image
     */
    ComputedRows features(NetworkFile layers, Dataset<Row> rows) {
        Deque<Dataset<Row>> kept = new ArrayDeque<>();
        try {
            Dataset<Row> all = exists() ? readOrComputed(layers, rows, kept) : computed(layers, rows, kept);
            return ComputedRows.keeping(all);
        } finally {
            kept.forEach(Dataset::unpersist);
        }
    }

    private boolean exists() {
        try {
            return folder.getFileSystem(session.sessionState().newHadoopConf()).exists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("can't look into featuresFolder " + folder + ": " + e.getMessage(), e);
        }
    }

    private static Dataset<Row> keep(Dataset<Row> rows, Deque<Dataset<Row>> kept) {
        Dataset<Row> own = rows.persist(StorageLevel.DISK_ONLY());
        kept.add(own);
        return own;
    }

    private Dataset<Row> readOrComputed(NetworkFile layers, Dataset<Row> rows, Deque<Dataset<Row>> kept) {
        Dataset<Row> wanted = keep(
                ImageDigests.of(rows)
                        .select(LabelledRows.KEY, LabelledRows.LABEL, LabelledRows.VALIDATION, ImageDigests.DIGEST),
                kept);
        long count = wanted.count();
        Dataset<Row> stored = stored();
        Dataset<Row> missing = keep(
                wanted.join(stored.select(ImageDigests.DIGEST), ImageDigests.DIGEST, "left_anti")
                        .select(LabelledRows.KEY),
                kept);
        long absent = reading(missing::count);
        LOG.info("the features of {} of {} images are in {}", count - absent, count, folder);
        Dataset<Row> read = wanted.join(few(missing, absent), LabelledRows.KEY, "left_anti")
                .join(stored.dropDuplicates(ImageDigests.DIGEST), ImageDigests.DIGEST, "inner")
                .select(
                        col(LabelledRows.KEY),
                        col(LabelledRows.LABEL),
                        col(LabelledRows.VALIDATION),
                        col(ComputedRows.FEATURES),
                        lit(null).cast(DataTypes.StringType).as(ComputedRows.ERROR));
        if (absent == 0) {
            return read;
        }
        Dataset<Row> images = absent == count ? rows : rows.join(few(missing, absent), LabelledRows.KEY, "left_semi");
        return read.union(computed(layers, images, kept));
    }

    private static Dataset<Row> few(Dataset<Row> keys, long count) {
        return count <= FEW ? broadcast(keys) : keys;
    }

    private interface Action {
        long run();
    }

    /** Spark's own message names the file. */
    @SuppressWarnings("IllegalCatch") // what Spark throws is checked, but not declared
    private long reading(Action action) {
        try {
            return action.run();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "featuresFolder has what can't be read as features; delete " + folder
                            + " to have them computed anew: " + e.getMessage(),
                    e);
        }
    }

    /** What is there and right now: files that are added later are not in it, also where it is looked at again. */
    private Dataset<Row> stored() {
        return session.read()
                .schema(SCHEMA)
                .option("recursiveFileLookup", "true")
                .parquet(escaped(folder))
                .filter(octet_length(col(ComputedRows.FEATURES))
                        .equalTo(width * Float.BYTES)
                        .and(col(CHECK).equalTo(sum())))
                .select(ImageDigests.DIGEST, ComputedRows.FEATURES);
    }

    /** What is written as it is, is read as a pattern. */
    private static String escaped(Path path) {
        return path.toString().replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
    }

    private Column sum() {
        byte[] recipe = space.getBytes(StandardCharsets.UTF_8);
        return sha2(concat(lit(recipe), col(ImageDigests.DIGEST), col(ComputedRows.FEATURES)), 256);
    }

    private Dataset<Row> computed(NetworkFile layers, Dataset<Row> rows, Deque<Dataset<Row>> kept) {
        Dataset<Row> computed = keep(
                ComputedRows.computed(layers, ImageDigests.of(rows))
                        .select(
                                col(LabelledRows.KEY),
                                col(LabelledRows.LABEL),
                                col(LabelledRows.VALIDATION),
                                col(ComputedRows.FEATURES),
                                coalesce(col(ImageDigests.UNREAD), col(ComputedRows.ERROR))
                                        .as(ComputedRows.ERROR),
                                col(ImageDigests.DIGEST)),
                kept);
        Dataset<Row> fresh = computed.filter(col(ComputedRows.FEATURES).isNotNull());
        // not into what is read, which Spark would look at anew
        Path added = new Path(folder, UUID.randomUUID().toString());
        fresh.select(col(ImageDigests.DIGEST), col(ComputedRows.FEATURES), sum().as(CHECK))
                .write()
                .parquet(added.toString());
        if (fresh.isEmpty()) {
            delete(added);
        }
        return computed.drop(ImageDigests.DIGEST);
    }

    /** A folder without features, which each fit would look at. */
    private void delete(Path empty) {
        try {
            empty.getFileSystem(session.sessionState().newHadoopConf()).delete(empty, true);
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete the empty " + empty + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads images and tells them apart by their bytes. What a path leads to is in the row from then on, so that what is computed is what
     * was looked at, also where somebody changes the file in between.
     */
    static final class ImageDigests implements MapPartitionsFunction<Row, Row> {
        private static final long serialVersionUID = 1L;

        static final String DIGEST = "digest";
        static final String UNREAD = "unread";

        private final Broadcast<HadoopFiles> files;
        private final int image;

        private ImageDigests(Broadcast<HadoopFiles> files, int image) {
            this.files = files;
            this.image = image;
        }

        /** The rows with their images as bytes, and two columns more: the digest, or why the image can't be read. */
        static Dataset<Row> of(Dataset<Row> rows) {
            StructType schema = new StructType();
            for (StructField column : rows.schema().fields()) {
                schema = column.name().equals(LabelledRows.IMAGE)
                        ? schema.add(column.name(), DataTypes.BinaryType, true)
                        : schema.add(column);
            }
            schema = schema.add(DIGEST, DataTypes.BinaryType, true).add(UNREAD, DataTypes.StringType, true);
            ImageDigests digests = new ImageDigests(
                    HadoopFiles.broadcast(rows.sparkSession()), rows.schema().fieldIndex(LabelledRows.IMAGE));
            return rows.mapPartitions(digests, Encoders.row(schema));
        }

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Mapped(rows, this::read);
        }

        /** One by one, as they are asked for. */
        private record Mapped(Iterator<Row> rows, Function<Row, Row> change) implements Iterator<Row> {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                return change.apply(rows.next());
            }
        }

        private Row read(Row row) {
            Object[] values = new Object[row.size() + 2];
            for (int i = 0; i < row.size(); i++) {
                values[i] = row.get(i);
            }
            try {
                byte[] bytes = bytes(row.get(image));
                values[image] = bytes;
                values[row.size()] = bytes == null ? null : digest(bytes);
            } catch (IOException | IllegalArgumentException e) {
                values[image] = null;
                values[row.size() + 1] = "can't read " + row.get(image) + ": " + e.getMessage();
            }
            return RowFactory.create(values);
        }

        private byte @Nullable [] bytes(@Nullable Object value) throws IOException {
            if (value == null || value instanceof byte[]) {
                return (byte[]) value;
            }
            try (InputStream stream = files.value().open(value.toString())) {
                // of a larger file only its size matters, for which it is refused
                return stream.readNBytes((int) ImageLimits.current().encodedBytes() + 1);
            }
        }

        private static byte[] digest(byte[] bytes) {
            ContentHash hash = new ContentHash();
            hash.add(bytes);
            return hash.digest();
        }
    }
}
