package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.engine.onednn.MatrixProduct;
import org.transfer4j.internal.engine.onednn.MatrixProduct.Operand;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.thread.Workers;

/** Of images whose features are here: two products of matrices for all problems. Owns native memory, but not the features. */
final class LogisticSums implements LogisticRegression.Sums {
    private static final int ROWS_AT_ONCE = 128;

    /** Features whose gradient one thread computes at a time. */
    private static final int WIDTH_AT_ONCE = 128;

    /** Whether threads multiply pieces, and ND4J's not the whole, which would wait for each other: longest where others are busy. */
    private static final boolean IN_PIECES = OneDnn.available() && OneDnn.holdsArrays();

    private final FeatureMatrix features;
    private final LogisticRegression.Images images;

    /** By problem. */
    private final int[] heldOut;

    private final int classes;
    private final int rows;

    /** Of the products: a class of a problem each. */
    private final int columns;

    /** [width, columns]. */
    private final INDArray weights;

    private final INDArray gradient;

    /** [columns, images]: what the layers give, then by how much probabilities are too large. */
    private final INDArray scores;

    LogisticSums(FeatureMatrix features, LogisticRegression.Images images, int[] heldOut) {
        this.features = features;
        this.images = images;
        this.heldOut = heldOut;
        classes = images.classWeights().length;
        rows = images.labels().length;
        columns = heldOut.length * classes;
        weights = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
        gradient = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
        scores = Nd4j.createUninitialized(DataType.FLOAT, new long[] {columns, rows}, 'f');
    }

    private void score(List<double[]> points) {
        FloatBuffer buffer = weights.data().asNioFloat();
        float[] values = new float[classes * features.width()];
        for (double[] point : points) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) point[i];
            }
            buffer.put(values);
        }
        if (!IN_PIECES) {
            Nd4j.gemm(weights, features.values(), scores, true, false, 1, 0);
            return;
        }
        int width = features.width();
        inPieces(
                rows,
                ROWS_AT_ONCE,
                (from, to) -> new MatrixProduct(false, true, to - from, columns, width)
                        .compute(
                                1,
                                Operand.of(features.values(), (long) from * width, width),
                                Operand.of(weights, 0, width),
                                0,
                                Operand.of(scores, (long) from * columns, columns)));
    }

    /** Of the scores, which are residuals then. */
    private void slope() {
        if (!IN_PIECES) {
            Nd4j.gemm(features.values(), scores, gradient, false, true, 1, 0);
            return;
        }
        int width = features.width();
        inPieces(
                width,
                WIDTH_AT_ONCE,
                (from, to) -> new MatrixProduct(true, false, columns, to - from, rows)
                        .compute(
                                1,
                                Operand.of(scores, 0, columns),
                                Operand.of(features.values(), from, width),
                                0,
                                Operand.of(gradient, from, width)));
    }

    /** Pieces by a fixed rule: the same bits, whoever computes them. */
    private static void inPieces(int all, int atOnce, Piece piece) {
        Workers.run((all + atOnce - 1) / atOnce, i -> piece.compute(i * atOnce, Math.min(all, (i + 1) * atOnce)));
    }

    private interface Piece {
        void compute(int from, int to);
    }

    @Override
    public double[][] losses(List<double[]> points) {
        score(points);
        // by piece and column the residuals' sums, then the losses: added up in one order, whoever is first
        double[][] pieces = new double[(rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE][columns + heldOut.length];
        inPieces(rows, ROWS_AT_ONCE, (from, to) -> derive(from, to, points, pieces[from / ROWS_AT_ONCE]));
        slope();
        double[][] losses = new double[heldOut.length][];
        Workers.run(heldOut.length, problem -> losses[problem] = loss(problem, pieces));
        return losses;
    }

    private double[] loss(int problem, double[][] pieces) {
        int size = classes * features.width();
        float[] slope = new float[size];
        gradient.data().asNioFloat().get(problem * size, slope);
        double[] sums = new double[size + classes + 1];
        for (int i = 0; i < size; i++) {
            sums[i] = slope[i];
        }
        for (double[] piece : pieces) {
            for (int c = 0; c < classes; c++) {
                sums[size + c] += piece[problem * classes + c];
            }
            sums[size + classes] += piece[columns + problem];
        }
        return sums;
    }

    private void derive(int from, int to, List<double[]> points, double[] sums) {
        float[] values = new float[(to - from) * columns];
        FloatBuffer buffer = scores.data().asNioFloat();
        buffer.get(from * columns, values);
        for (int problem = 0; problem < heldOut.length; problem++) {
            double[] point = points.get(problem);
            float[] bias = new float[classes];
            for (int c = 0; c < classes; c++) {
                bias[c] = (float) point[point.length - classes + c];
            }
            for (int i = from; i < to; i++) {
                int start = (i - from) * columns + problem * classes;
                double weight = images.weight(heldOut[problem], i);
                if (weight == 0) {
                    Arrays.fill(values, start, start + classes, 0);
                    continue;
                }
                sums[columns + problem] += weight * residuals(values, start, bias, images.labels()[i], weight);
                for (int c = 0; c < classes; c++) {
                    sums[problem * classes + c] += values[start + c];
                }
            }
        }
        buffer.put(from * columns, values);
    }

    /** Turns scores into weighted residuals, and gives the cross-entropy. */
    private double residuals(float[] values, int start, float[] bias, int label, double weight) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            values[start + c] += bias[c];
            largest = Math.max(largest, values[start + c]);
        }
        double own = (double) values[start + label] - largest;
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double power = Math.exp((double) values[start + c] - largest);
            values[start + c] = (float) power;
            sum += power;
        }
        float scale = (float) (weight / sum);
        for (int c = 0; c < classes; c++) {
            values[start + c] *= scale;
        }
        values[start + label] -= (float) weight;
        return Math.log(sum) - own;
    }

    @Override
    public double[][] scores(List<double[]> points) {
        score(points);
        double[][] sums = new double[heldOut.length][];
        Arrays.setAll(sums, problem -> held(problem, points.get(problem)));
        return sums;
    }

    private double[] held(int problem, double[] point) {
        FloatBuffer buffer = scores.data().asNioFloat();
        double[] row = new double[classes];
        int held = 0;
        int right = 0;
        double loss = 0;
        for (int i = 0; i < rows; i++) {
            if (images.judges(heldOut[problem], i)) {
                int label = images.labels()[i];
                int best = read(buffer, i * columns + problem * classes, point, row);
                double own = row[label] - row[best];
                held++;
                right += best == label ? 1 : 0;
                loss += Math.log(exponentials(row, best)) - own;
            }
        }
        return new double[] {held, right, loss};
    }

    /** What each image's class is to the problem that left it out: probabilities, image after image. */
    float[] heldOutProbabilities(List<double[]> points) {
        score(points);
        FloatBuffer buffer = scores.data().asNioFloat();
        float[] probabilities = new float[rows * classes];
        double[] row = new double[classes];
        for (int problem = 0; problem < heldOut.length; problem++) {
            for (int i = 0; i < rows; i++) {
                if (images.parts()[i] == heldOut[problem]) {
                    int best = read(buffer, i * columns + problem * classes, points.get(problem), row);
                    double sum = exponentials(row, best);
                    for (int c = 0; c < classes; c++) {
                        probabilities[i * classes + c] = (float) (row[c] / sum);
                    }
                }
            }
        }
        return probabilities;
    }

    /** Reads an image's scores, and says which is the largest. */
    private int read(FloatBuffer buffer, int start, double[] point, double[] row) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            row[c] = buffer.get(start + c) + point[point.length - classes + c];
            best = row[c] > row[best] ? c : best;
        }
        return best;
    }

    /** Makes scores exponentials of what they are above the largest, and adds them up. */
    private static double exponentials(double[] row, int best) {
        double largest = row[best];
        double sum = 0;
        for (int c = 0; c < row.length; c++) {
            row[c] = Math.exp(row[c] - largest);
            sum += row[c];
        }
        return sum;
    }

    @Override
    public void close() {
        weights.close();
        gradient.close();
        scores.close();
    }
}
