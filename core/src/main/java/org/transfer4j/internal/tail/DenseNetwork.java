package org.transfer4j.internal.tail;

import java.util.List;
import java.util.stream.IntStream;

/** A chain of layers, forwards and backwards, for some rows of a batch: rows do not depend on each other. */
final class DenseNetwork {
    /** With fewer outputs than this, oneDNN multiplies without packing; a few rows at a time are best then. */
    private static final int NARROW = 16;

    private static final int NARROW_ROWS = 8;
    private static final int FEWEST_WIDE_ROWS = 16;

    private final List<DenseLayerShape> shapes;
    private final List<DenseLayerMath> layers;

    DenseNetwork(List<DenseLayerShape> shapes, DenseParameters parameters) {
        this.shapes = shapes;
        this.layers = DenseLayerMath.all(parameters, shapes.size());
    }

    int inputs() {
        return shapes.get(0).inputs();
    }

    int classes() {
        return shapes.get(shapes.size() - 1).outputs();
    }

    /** How many rows one thread should take at a time; the same for the same batch on the same machine. */
    int rowsAtOnce(int rows) {
        boolean narrow = shapes.stream().allMatch(shape -> shape.outputs() < NARROW);
        return narrow ? NARROW_ROWS : Math.max(FEWEST_WIDE_ROWS, (rows + Workers.COUNT - 1) / Workers.COUNT);
    }

    /** What dropout does in a step. */
    List<DropoutMask> masks(long seed, int step) {
        return IntStream.range(0, shapes.size())
                .mapToObj(layer ->
                        new DropoutMask(seed, step, layer, shapes.get(layer).retained()))
                .toList();
    }

    /** The same where nothing is learned. */
    List<DropoutMask> noMasks() {
        return shapes.stream().map(shape -> new DropoutMask(0, 0, 0, 1)).toList();
    }

    /**
     * Computes the outputs of all layers for the rows [from, to).
     *
     * @param values the input of each layer, from which dropout drops, then the last layer's output: logits
     */
    void forward(List<Matrix> values, List<DropoutMask> masks, int from, int to) {
        activate(values.get(0), false, masks.get(0), from, to);
        for (int layer = 0; layer < layers.size(); layer++) {
            layers.get(layer).output(values.get(layer), values.get(layer + 1), from, to);
            if (layer + 1 < layers.size()) {
                activate(values.get(layer + 1), shapes.get(layer).rectified(), masks.get(layer + 1), from, to);
            }
        }
    }

    private static void activate(Matrix output, boolean rectified, DropoutMask mask, int from, int to) {
        if (!rectified && mask.keepsAll()) {
            return;
        }
        float[] row = new float[output.columns()];
        for (int i = from; i < to; i++) {
            output.read(i, row);
            for (int j = 0; rectified && j < row.length; j++) {
                row[j] = Math.max(0, row[j]);
            }
            mask.apply(i, row);
            output.write(i, row);
        }
    }

    /**
     * Computes the loss' derivatives by the outputs of all layers but the last, for the rows [from, to).
     *
     * @param values as {@link #forward} left them
     * @param deltas the derivatives by each layer's output before its activation; the last one is given
     */
    void backward(List<Matrix> values, List<Matrix> deltas, List<DropoutMask> masks, int from, int to) {
        for (int layer = layers.size() - 1; layer > 0; layer--) {
            Matrix delta = deltas.get(layer - 1);
            layers.get(layer).inputDelta(deltas.get(layer), delta, from, to);
            deactivate(values.get(layer), delta, shapes.get(layer - 1).rectified(), masks.get(layer), from, to);
        }
    }

    private static void deactivate(
            Matrix activations, Matrix delta, boolean rectified, DropoutMask mask, int from, int to) {
        if (!rectified && mask.keepsAll()) {
            return;
        }
        float[] activation = new float[delta.columns()];
        float[] row = new float[delta.columns()];
        for (int i = from; i < to; i++) {
            activations.read(i, activation);
            delta.read(i, row);
            for (int j = 0; rectified && j < row.length; j++) {
                row[j] = activation[j] > 0 ? row[j] : 0;
            }
            mask.apply(i, row);
            delta.write(i, row);
        }
    }
}
