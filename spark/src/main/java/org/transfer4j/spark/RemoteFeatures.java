package org.transfer4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.probe.LogisticProbe.RemoteImages;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * Features for a logistic regression, which stay on the executors' disks, in blocks of consecutive images in the order of their keys:
 * what a block adds has the same bits whatever the partitions, and is added up in doubles, by each partition first and then by fewer
 * and fewer, a tree. Of each image the driver holds its class and its part.
 */
final class RemoteFeatures implements RemoteImages, AutoCloseable {
    /** Enough for fast products, few enough for memory. */
    private static final int MOST_ROWS = 1024;

    private static final int FEWEST_ROWS = 16;
    private static final int BLOCK_VALUES = 1 << 22;

    /** So many sums the driver adds up itself. */
    private static final int WIDE = 32;

    private static final String INDEX = "index";

    private final int width;
    private final int blockRows;
    private final int[] labels;
    private final Dataset<Row> blocks;
    private final int partitions;
    private @Nullable Broadcast<Told> told;

    private RemoteFeatures(int width, int blockRows, int[] labels, Dataset<Row> blocks) {
        this.width = width;
        this.blockRows = blockRows;
        this.labels = labels;
        this.blocks = blocks;
        this.partitions = Integer.parseInt(blocks.sparkSession().conf().get("spark.sql.shuffle.partitions"));
    }

    /**
     * Sorts features into blocks.
     *
     * @param rows key, label and features, none of them null
     * @param width how many features an image has
     */
    static RemoteFeatures of(Dataset<Row> rows, Labels labels, int width) {
        return of(rows, labels, width, Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, BLOCK_VALUES / width)));
    }

    static RemoteFeatures of(Dataset<Row> rows, Labels labels, int width, int blockRows) {
        Dataset<Row> numbered = rows.select(
                        col(LabelledRows.KEY),
                        col(LabelledRows.LABEL),
                        row_number()
                                .over(Window.orderBy(LabelledRows.KEY))
                                .minus(1)
                                .as(INDEX))
                .persist(StorageLevel.DISK_ONLY());
        try {
            int[] classes = new int[Math.toIntExact(numbered.count())];
            Iterator<Row> sorted =
                    numbered.orderBy(INDEX).select(LabelledRows.LABEL).toLocalIterator();
            for (int i = 0; i < classes.length; i++) {
                classes[i] = labels.index(sorted.next().get(0));
            }
            Dataset<Row> blocks = rows.select(LabelledRows.KEY, ComputedRows.FEATURES)
                    .join(numbered.select(LabelledRows.KEY, INDEX), LabelledRows.KEY)
                    .select(
                            floor(col(INDEX).divide(lit(blockRows)))
                                    .cast(DataTypes.IntegerType)
                                    .as(BlockRows.BLOCK),
                            col(INDEX),
                            col(ComputedRows.FEATURES))
                    .repartition(col(BlockRows.BLOCK))
                    .sortWithinPartitions(INDEX);
            Dataset<Row> kept = BlockRows.of(blocks).persist(StorageLevel.DISK_ONLY());
            kept.count();
            return new RemoteFeatures(width, blockRows, classes, kept);
        } finally {
            numbered.unpersist();
        }
    }

    /** The class of each image, in the order of the keys. */
    int[] labels() {
        return labels.clone();
    }

    /** What is told to executors once; as Spark sends it, maybe by Kryo, whose version in Spark 3.5 knows no records. */
    static final class Told implements Serializable {
        private static final long serialVersionUID = 1L;

        private final double[] means;
        private final double[] deviations;
        private final int[] labels;
        private final int[] parts;
        private final double[] classWeights;

        Told(Known known) {
            means = known.means();
            deviations = known.deviations();
            labels = known.labels();
            parts = known.parts();
            classWeights = known.classWeights();
        }

        Known known() {
            return new Known(means, deviations, labels, parts, classWeights);
        }
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void prepare(Known known) {
        forget();
        told = JavaSparkContext.fromSparkContext(blocks.sparkSession().sparkContext())
                .broadcast(new Told(known));
    }

    private Broadcast<Told> told() {
        if (told == null) {
            throw new IllegalStateException("nothing was told yet");
        }
        return told;
    }

    @Override
    public double[] sums() {
        int features = width;
        return total((block, values) -> {
            double[] sums = new double[features];
            for (int i = 0; i < values.length; i++) {
                sums[i % features] += values[i];
            }
            return sums;
        });
    }

    @Override
    public double[] squares(double[] means) {
        int features = width;
        return total((block, values) -> {
            double[] sums = new double[features];
            for (int i = 0; i < values.length; i++) {
                double distance = values[i] - means[i % features];
                sums[i % features] += distance * distance;
            }
            return sums;
        });
    }

    @Override
    public double[][] losses(int[] heldOut, List<double[]> points) {
        return evaluated(heldOut, points, (images, at) -> images.losses(heldOut, at));
    }

    @Override
    public double[][] scores(int[] heldOut, List<double[]> points) {
        return evaluated(heldOut, points, (images, at) -> images.scores(heldOut, at));
    }

    private interface Evaluation extends Serializable {
        double[][] of(RemoteImages.Block images, List<double[]> points);
    }

    private double[][] evaluated(int[] heldOut, List<double[]> points, Evaluation evaluation) {
        double[][] at = points.toArray(double[][]::new);
        Broadcast<Told> known = told();
        int rows = blockRows;
        double[] sums = total((block, values) -> {
            try (RemoteImages.Block images =
                    new RemoteImages.Block(values, known.value().known(), block * rows)) {
                return concatenated(evaluation.of(images, Arrays.asList(at)));
            }
        });
        int each = sums.length / heldOut.length;
        double[][] parts = new double[heldOut.length][];
        Arrays.setAll(parts, i -> Arrays.copyOfRange(sums, i * each, (i + 1) * each));
        return parts;
    }

    private static double[] concatenated(double[][] parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    private double[] total(BlockRows.Part part) {
        Interruption.check("the probe");
        Dataset<Row> sums = BlockRows.sums(blocks, part);
        if (partitions > WIDE) {
            sums = BlockRows.added(sums.repartition((int) Math.sqrt(partitions)));
        }
        double[] total = new double[0];
        for (Row row : sums.collectAsList()) {
            total = BlockRows.add(total, ByteBuffer.wrap(row.<byte[]>getAs(0)));
        }
        return total;
    }

    private void forget() {
        if (told != null) {
            told.unpersist();
            told = null;
        }
    }

    @Override
    public void close() {
        forget();
        blocks.unpersist();
    }

    /** Blocks of images' features in one row each, and what tasks add up of them. */
    static final class BlockRows {
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
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(floats);
            return floats;
        }
    }
}
