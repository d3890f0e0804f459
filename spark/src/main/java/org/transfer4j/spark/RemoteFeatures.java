package org.transfer4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.probe.LogisticProbe.RemoteImages;

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
            try (RemoteImages.Block images = new RemoteImages.Block(values, known.value().known(), block * rows)) {
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
}
