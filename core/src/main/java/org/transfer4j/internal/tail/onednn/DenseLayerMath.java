package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.List;
import org.transfer4j.internal.engine.onednn.MatrixProduct;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.thread.Workers;

/**
 * The products of one fully connected layer, y = x Wᵀ + b, each for some rows or columns. oneDNN computes them, on the
 * calling thread's OpenMP threads.
 *
 * @param weights W, [outputs, inputs]
 * @param bias b, [1, outputs]
 * @param byColumns whether a narrow layer computes y, some columns of x at a time, and not yᵀ from whole rows
 */
record DenseLayerMath(Matrix weights, Matrix bias, boolean byColumns) {
    /** How much of x is multiplied at a time: it fits into a core's own cache, and a product of it is at full speed. */
    private static final int BLOCK_VALUES = 1 << 17;

    private static final int FEWEST_COLUMNS = 1024;

    /** Brings columns of x, in the rows that are asked for, to where they are multiplied. */
    interface Columns {
        /** They are there already. */
        Columns PRESENT = (from, to) -> {};

        /** Brings the columns [from, to); each is asked for once. */
        void load(int from, int to);
    }

    /**
     * A layer. Whether a narrow one is computed by columns is a fixed rule, never measured at run time, so that the same
     * machine gives the same bits. It was made by measuring a softmax layer on 25,088 features from the page cache: by
     * columns a Xeon with AMX and 2 MiB of L2 a core learned from 50,600 images/s, by whole rows from 44,700; an EPYC with
     * AVX-512 and 1 MiB from 30,200 and 41,600.
     */
    static DenseLayerMath of(Matrix weights, Matrix bias) {
        return new DenseLayerMath(weights, bias, OneDnn.hasTiles());
    }

    /** With so few outputs oneDNN multiplies a few rows without packing. */
    boolean isNarrow() {
        return weights.rows() < 16;
    }

    /** Whether threads should share the outputs, and not the rows: the weights are too many to be read by each. */
    boolean isLarge() {
        return weights.rows() >= 64 && (long) weights.rows() * weights.columns() >= 1 << 20;
    }

    private boolean isByColumns() {
        return byColumns && isNarrow();
    }

    /**
     * yᵀ = W xᵀ for the rows [from, to) of x, which is up to half as fast again as y = x Wᵀ for the rows that one thread
     * has, and wants {@link #finish}; or, by columns, y = x Wᵀ + b, where columns are multiplied right after they are
     * loaded, while the core's cache has them.
     */
    void output(Matrix x, Output y, int from, int to, Columns columns) {
        requireFit(x, y.values(), to);
        if (isByColumns()) {
            outputByColumns(x, y, from, to, columns);
        } else {
            columns.load(0, x.columns());
            transposedOutput(x, y, from, to, 0, weights.rows());
        }
    }

    private void outputByColumns(Matrix x, Output y, int from, int to, Columns columns) {
        float[] row = biases();
        for (int i = from; i < to; i++) {
            y.values().write(i, row);
        }
        int block = Math.max(FEWEST_COLUMNS, BLOCK_VALUES / (to - from));
        for (int column = 0; column < x.columns(); column += block) {
            int end = Math.min(x.columns(), column + block);
            columns.load(column, end);
            new MatrixProduct(false, true, to - from, weights.rows(), end - column)
                    .compute(
                            1,
                            x.from(from, column),
                            weights.from(0, column),
                            1,
                            y.values().from(from, 0));
        }
    }

    /** yᵀ = W xᵀ for some outputs of the first rows of a layer that is not narrow. */
    void someOutputs(Matrix x, Output y, int rows, int fromOutput, int toOutput) {
        requireFit(x, y.values(), rows);
        transposedOutput(x, y, 0, rows, fromOutput, toOutput);
    }

    private void transposedOutput(Matrix x, Output y, int from, int to, int fromOutput, int toOutput) {
        new MatrixProduct(false, true, toOutput - fromOutput, to - from, weights.columns())
                .compute(
                        1,
                        weights.from(fromOutput, 0),
                        x.from(from, 0),
                        0,
                        y.transposed().from(fromOutput, from));
    }

    /** y = (yᵀ)ᵀ + b for the rows [from, to), where {@link #output} computed yᵀ. */
    void finish(Output y, int from, int to) {
        if (isByColumns()) {
            return;
        }
        float[] biases = biases();
        float[][] rows = new float[to - from][biases.length];
        float[] column = new float[to - from];
        for (int j = 0; j < biases.length; j++) {
            y.transposed().at(j, from).get(column);
            for (int i = 0; i < column.length; i++) {
                rows[i][j] = column[i] + biases[j];
            }
        }
        for (int i = 0; i < rows.length; i++) {
            y.values().write(from + i, rows[i]);
        }
    }

    /** dx = dy W for the rows [from, to). */
    void inputDelta(Matrix dy, Matrix dx, int from, int to) {
        requireFit(dx, dy, to);
        new MatrixProduct(false, false, to - from, weights.columns(), weights.rows())
                .compute(1, dy.from(from, 0), weights.from(0, 0), 0, dx.from(from, 0));
    }

    /** W = old W + factor dyᵀ x for the columns [from, to), that is, inputs; with old 0 what was there is forgotten. */
    void addToWeights(Matrix x, Matrix dy, int rows, float factor, float old, int from, int to) {
        requireFit(x, dy, rows);
        new MatrixProduct(true, false, weights.rows(), to - from, rows)
                .compute(factor, dy.from(0, 0), x.from(0, from), old, weights.from(0, from));
    }

    /** b = old b + factor times the sum of dy's rows. */
    void addToBias(Matrix dy, int rows, float factor, float old) {
        float[] sum = new float[bias.columns()];
        float[] row = new float[bias.columns()];
        for (int i = 0; i < rows; i++) {
            dy.read(i, row);
            for (int j = 0; j < sum.length; j++) {
                sum[j] += row[j];
            }
        }
        float[] values = old == 0 ? new float[sum.length] : biases();
        for (int j = 0; j < sum.length; j++) {
            values[j] += factor * sum[j];
        }
        bias.write(0, values);
    }

    private void requireFit(Matrix x, Matrix y, int rows) {
        boolean fit = x.columns() == weights.columns()
                && y.columns() == weights.rows()
                && rows <= x.rows()
                && rows <= y.rows();
        if (!fit) {
            throw new IllegalArgumentException(rows + " rows of " + x.rows() + " x " + x.columns() + " and " + y.rows()
                    + " x " + y.columns() + " don't fit " + weights.columns() + " inputs and " + weights.rows()
                    + " outputs");
        }
    }

    private float[] biases() {
        float[] values = new float[bias.columns()];
        bias.read(0, values);
        return values;
    }

    /**
     * What a layer gives.
     *
     * @param values [n, outputs]
     * @param transposed room for the same as [outputs, n], where the layer wants it
     */
    record Output(Matrix values, Matrix transposed) implements AutoCloseable {
        static Output allocate(int rows, int outputs) {
            return new Output(Matrix.allocate(rows, outputs), Matrix.allocate(outputs, rows));
        }

        @Override
        public void close() {
            values.close();
            transposed.close();
        }
    }

    /**
     * What a layer's gradient is made of: its weights' is deltaᵀ input, its biases' is the sum of delta's rows.
     *
     * @param input what the layer got, [n, inputs]
     * @param delta the loss' derivative by what the layer gave before its activation, [n, outputs]
     */
    record Gradient(Matrix input, Matrix delta) {
        /** Inputs that one thread works on at a time at most: enough for a product at full speed. */
        private static final int LARGEST_BLOCK = 4096;

        private static final int SMALLEST_BLOCK = 256;

        /**
         * Adds all layers' gradients to something: target = old target + factor gradient.
         *
         * @param rows the n rows of each
         * @param target the layers' weights and biases, or what is shaped like them
         * @param old what is kept of it: 1, or 0 to forget what was there
         * @param oldWeights the same for weights, where old is for biases
         */
        static void addAll(
                List<Gradient> gradients,
                int rows,
                List<DenseLayerMath> target,
                float factor,
                float old,
                float oldWeights) {
            List<Runnable> tasks = new ArrayList<>();
            for (int i = 0; i < gradients.size(); i++) {
                Matrix input = gradients.get(i).input();
                Matrix delta = gradients.get(i).delta();
                DenseLayerMath layer = target.get(i);
                int block = block(input.columns());
                for (int from = 0; from < input.columns(); from += block) {
                    int start = from;
                    int end = Math.min(input.columns(), from + block);
                    tasks.add(() -> layer.addToWeights(input, delta, rows, factor, oldWeights, start, end));
                }
                tasks.add(() -> layer.addToBias(delta, rows, factor, old));
            }
            Workers.run(tasks.size(), index -> tasks.get(index).run());
        }

        /** Cuts the inputs so that all threads have as much to do. */
        private static int block(int inputs) {
            int rounds = inputs / (LARGEST_BLOCK * Workers.COUNT) + 1;
            int even = (inputs + rounds * Workers.COUNT - 1) / (rounds * Workers.COUNT);
            return Math.max(SMALLEST_BLOCK, even);
        }
    }
}
