package org.transfer4j.spark;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.function.Function;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.cache.ContentHash;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * Reads images and tells them apart by their bytes. What a path leads to is in the row from then on, so that what is computed is what
 * was looked at, also where somebody changes the file in between.
 */
final class ImageDigests implements MapPartitionsFunction<Row, Row> {
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
