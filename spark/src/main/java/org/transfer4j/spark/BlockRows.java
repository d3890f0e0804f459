package org.transfer4j.spark;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.thread.NativeThreads;

/** Blocks of images' features in one row each, and what tasks add up of them. */
final class BlockRows {
    static final String BLOCK = "block";

    private static final StructType BLOCKS =
            new StructType().add(BLOCK, DataTypes.IntegerType).add(ComputedRows.FEATURES, DataTypes.BinaryType);
    private static final StructType SUMS = new StructType().add("sums", DataTypes.BinaryType);

    private BlockRows() {}

    /** What a block adds. */
    interface Part extends Serializable {
        double[] of(int block, float[] features);
    }

    /**
     * Puts the rows of a block into one.
     *
     * @param rows block, number and features, those of a block one after the other
     */
    static Dataset<Row> of(Dataset<Row> rows) {
        MapPartitionsFunction<Row, Row> packing = Packed::new;
        return rows.mapPartitions(packing, Encoders.row(BLOCKS));
    }

    private static final class Packed implements Iterator<Row> {
        private final Iterator<Row> rows;
        private @Nullable Row next;

        Packed(Iterator<Row> rows) {
            this.rows = rows;
            advance();
        }

        private void advance() {
            next = rows.hasNext() ? rows.next() : null;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Row next() {
            if (next == null) {
                throw new NoSuchElementException("all blocks were packed");
            }
            int block = next.getInt(0);
            ByteArrayOutputStream features = new ByteArrayOutputStream();
            while (next != null && next.getInt(0) == block) {
                features.writeBytes(next.getAs(2));
                advance();
            }
            return RowFactory.create(block, features.toByteArray());
        }
    }

    /** What all blocks of a partition add, in one row for each partition that has some. */
    static Dataset<Row> sums(Dataset<Row> blocks, Part part) {
        MapPartitionsFunction<Row, Row> adding = rows -> {
            NativeMemory.apply();
            NativeThreads.applyToNd4j();
            double[] sums = new double[0];
            while (rows.hasNext()) {
                Row block = rows.next();
                sums = add(sums, part.of(block.getInt(0), floats(block.getAs(1))));
            }
            return row(sums);
        };
        return blocks.mapPartitions(adding, Encoders.row(SUMS));
    }

    /** The sums of each partition's sums. */
    static Dataset<Row> added(Dataset<Row> sums) {
        MapPartitionsFunction<Row, Row> adding = rows -> {
            double[] total = new double[0];
            while (rows.hasNext()) {
                total = add(total, ByteBuffer.wrap(rows.next().<byte[]>getAs(0)));
            }
            return row(total);
        };
        return sums.mapPartitions(adding, Encoders.row(SUMS));
    }

    private static Iterator<Row> row(double[] sums) {
        if (sums.length == 0) {
            return List.<Row>of().iterator();
        }
        ByteBuffer bytes = ByteBuffer.allocate(sums.length * Double.BYTES);
        bytes.asDoubleBuffer().put(sums);
        return List.of(RowFactory.create((Object) bytes.array())).iterator();
    }

    static double[] add(double[] sums, ByteBuffer others) {
        double[] values = new double[others.remaining() / Double.BYTES];
        others.asDoubleBuffer().get(values);
        return add(sums, values);
    }

    private static double[] add(double[] sums, double[] others) {
        if (sums.length == 0) {
            return others;
        }
        for (int i = 0; i < others.length; i++) {
            sums[i] += others[i];
        }
        return sums;
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }
}
