package org.transfer4j.internal.probe;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.thread.Workers;

/**
 * The features of all images in memory, standardized as scikit-learn's {@code StandardScaler} does it: less their means,
 * divided by their deviations (of the population), where these are not zero but for rounding.
 */
public final class FeatureMatrix implements AutoCloseable {
    private static final int READ_AT_ONCE = 256;

    /** Of products of floats. */
    private static final double ROUNDING = 1e-5;

    private final int rows;
    private final int width;

    /** [width, rows], Fortran order: one image after the other. */
    private final INDArray values;

    private final double[] means;
    private final double[] deviations;

    /** Without values. */
    private FeatureMatrix(int rows, int width) {
        this.rows = rows;
        this.width = width;
        means = new double[width];
        deviations = new double[width];
        values = Nd4j.createUninitialized(DataType.FLOAT, new long[] {width, rows}, 'f');
    }

    private static FeatureMatrix filled(int rows, int width, Consumer<FeatureMatrix> filling) {
        FeatureMatrix matrix = new FeatureMatrix(rows, width);
        try {
            filling.accept(matrix);
            return matrix;
        } catch (RuntimeException | Error e) {
            matrix.close();
            throw e;
        }
    }

    /**
     * Reads features.
     *
     * @param features they stay whose they are
     * @param width how many an image has
     */
    public static FeatureMatrix of(Examples features, int width) {
        return filled(features.size(), width, matrix -> {
            matrix.read(features);
            matrix.standardize();
        });
    }

    /**
     * Takes features from arrays.
     *
     * @param parts [images, ...] each, in C order, one after the other; they are copied, and stay whose they are
     */
    public static FeatureMatrix of(List<INDArray> parts) {
        int rows =
                Math.toIntExact(parts.stream().mapToLong(part -> part.size(0)).sum());
        int width = Math.toIntExact(parts.get(0).length() / parts.get(0).size(0));
        return filled(rows, width, matrix -> {
            FloatBuffer all = matrix.buffer();
            parts.forEach(part -> all.put(part.data().asNioFloat()));
            matrix.standardize();
        });
    }

    /**
     * Reads features as they are, and brings each image's to length 1, where they are not all zero.
     *
     * @param features they stay whose they are
     * @param width how many an image has
     * @throws IllegalStateException if one is not finite
     */
    public static FeatureMatrix directions(Examples features, int width) {
        return filled(features.size(), width, matrix -> {
            matrix.read(features);
            matrix.toLengthOne();
            FloatBuffer all = matrix.buffer();
            while (all.hasRemaining()) {
                if (!Float.isFinite(all.get())) {
                    throw new IllegalStateException(
                            "the network's weights are too large: a feature is not finite for some image");
                }
            }
        });
    }

    /** Copies the features of all images into an array [images, width]. */
    public void copyTo(INDArray target) {
        target.assign(values.transpose());
    }

    /** Features of some images, standardized by what is known of all. */
    static FeatureMatrix standardized(float[] features, double[] means, double[] deviations) {
        int width = means.length;
        int rows = features.length / width;
        FeatureMatrix matrix = new FeatureMatrix(rows, width);
        float[] values = new float[features.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((features[i] - means[i % width]) / deviations[i % width]);
        }
        matrix.buffer().put(values);
        return matrix;
    }

    /**
     * The same images in as many coordinates as there are images: the Cholesky factor of their products with each other. All
     * that a method sees which knows features by their products alone, as a regression with an L2 penalty does, at less cost
     * where images are fewer than features.
     *
     * @return features of their own, which are not folded; to be closed
     */
    FeatureMatrix turned() {
        float[] products = new float[Math.multiplyExact(rows, rows)];
        try (INDArray all = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, rows}, 'f')) {
            Nd4j.gemm(values, values, all, true, false, 1, 0);
            all.data().asNioFloat().get(products);
        }
        double[][] factor = new double[rows][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < i; j++) {
                double rest = products[i * rows + j] - product(factor[i], factor[j], j);
                factor[i][j] = factor[j][j] == 0 ? 0 : rest / factor[j][j];
            }
            double rest = products[i * rows + i] - product(factor[i], factor[i], i);
            // what is left of an image that others make up is rounding
            factor[i][i] = rest > ROUNDING * products[i * rows + i] ? Math.sqrt(rest) : 0;
        }
        FeatureMatrix turned = new FeatureMatrix(rows, rows);
        FloatBuffer buffer = turned.buffer();
        for (double[] own : factor) {
            buffer.put(ArrayUtil.toFloats(own));
        }
        return turned;
    }

    /** Some of the images, with their features as they are here, for the caller to close. */
    FeatureMatrix select(int[] images) {
        FeatureMatrix some = new FeatureMatrix(images.length, width);
        FloatBuffer own = buffer();
        FloatBuffer others = some.buffer();
        float[] row = new float[width];
        for (int image : images) {
            own.get(image * width, row);
            others.put(row);
        }
        return some;
    }

    /** Brings each image's features to length 1, where they are not all zero, so that distances are those of directions. */
    void toLengthOne() {
        FloatBuffer own = buffer();
        float[] row = new float[width];
        for (int i = 0; i < rows; i++) {
            own.get(i * width, row);
            double squares = Distances.square(row);
            double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
            for (int j = 0; j < width; j++) {
                row[j] = (float) (row[j] * scale);
            }
            own.put(i * width, row);
        }
    }

    private static double product(double[] some, double[] others, int count) {
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += some[k] * others[k];
        }
        return sum;
    }

    private void read(Examples features) {
        ByteBuffer row = ByteBuffer.allocateDirect(width * Float.BYTES).order(ByteOrder.nativeOrder());
        FloatBuffer all = buffer();
        try (BatchStream batches = features.batches(IntStream.range(0, rows).toArray(), READ_AT_ONCE)) {
            while (batches.hasNext()) {
                Interruption.check("the reading of features");
                Batch batch = batches.next();
                for (int i = 0; i < batch.size(); i++) {
                    batch.copyValues(i, 0, width, row.clear());
                    all.put(row.flip().asFloatBuffer());
                }
            }
        }
    }

    private FloatBuffer buffer() {
        return values.data().asNioFloat();
    }

    private void standardize() {
        // features side by side, so that threads share none
        int pieces = Math.min(width, 4 * Workers.COUNT);
        Workers.run(
                pieces,
                piece -> standardize(
                        (int) ((long) piece * width / pieces), (int) ((long) (piece + 1) * width / pieces)));
        requireFinite(deviations);
    }

    private void standardize(int from, int to) {
        FloatBuffer all = buffer();
        float[] row = new float[to - from];
        for (int i = 0; i < rows; i++) {
            all.get(i * width + from, row);
            for (int j = 0; j < row.length; j++) {
                means[from + j] += row[j];
            }
        }
        for (int j = from; j < to; j++) {
            means[j] /= rows;
        }
        for (int i = 0; i < rows; i++) {
            all.get(i * width + from, row);
            for (int j = 0; j < row.length; j++) {
                double distance = row[j] - means[from + j];
                deviations[from + j] += distance * distance;
            }
        }
        for (int j = from; j < to; j++) {
            deviations[j] = deviation(rows, deviations[j] / rows, means[j]);
        }
        for (int i = 0; i < rows; i++) {
            all.get(i * width + from, row);
            for (int j = 0; j < row.length; j++) {
                row[j] = (float) ((row[j] - means[from + j]) / deviations[from + j]);
            }
            all.put(i * width + from, row);
        }
    }

    /** 1 where the variance is nothing but rounding, by scikit-learn's bound. */
    static double deviation(long rows, double variance, double mean) {
        double rounding = rows * Math.ulp(1.0);
        boolean constant = variance <= rounding * variance + rounding * mean * rounding * mean;
        return constant ? 1 : Math.sqrt(variance);
    }

    static void requireFinite(double[] deviations) {
        for (int j = 0; j < deviations.length; j++) {
            if (!Double.isFinite(deviations[j])) {
                throw new IllegalStateException(
                        "the network's weights are too large: feature " + j + " is not finite for some image");
            }
        }
    }

    /** The number of images. */
    public int rows() {
        return rows;
    }

    /** The number of features. */
    public int width() {
        return width;
    }

    /** [width, rows], standardized, not copied. */
    INDArray values() {
        return values;
    }

    /** Turns a layer for standardized features into one for features as they are. */
    LinearLayer folded(LinearLayer layer) {
        return layer.folded(means, deviations);
    }

    /**
     * A linear function of features for each class.
     *
     * @param weights [classes][features]; not copied
     * @param bias one a class; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record LinearLayer(double[][] weights, double[] bias) {
        /** For features as they are, where this one is for those less their means, divided by their deviations. */
        LinearLayer folded(double[] means, double[] deviations) {
            double[][] foldedWeights = new double[bias.length][means.length];
            double[] foldedBias = bias.clone();
            for (int c = 0; c < bias.length; c++) {
                for (int j = 0; j < means.length; j++) {
                    foldedWeights[c][j] = weights[c][j] / deviations[j];
                    foldedBias[c] -= foldedWeights[c][j] * means[j];
                }
            }
            return new LinearLayer(foldedWeights, foldedBias);
        }
    }

    @Override
    public void close() {
        values.close();
    }
}
