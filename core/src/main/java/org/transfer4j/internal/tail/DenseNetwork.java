package org.transfer4j.internal.tail;

import java.util.List;
import java.util.stream.IntStream;

/** A chain of layers, forwards and backwards, for some rows of a batch: rows do not depend on each other. */
final class DenseNetwork {
    private static final int FEW_ROWS = 8;
    private static final int FEWEST_ROWS = 16;
    private static final int MOST_ROWS = 32;
    private static final int MANY_ROWS = 128;

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
        int share = (rows + Workers.COUNT - 1) / Workers.COUNT;
        if (!layers.stream().allMatch(DenseLayerMath::isNarrow)) {
            return Math.max(FEWEST_ROWS, Math.min(startsLarge() ? MANY_ROWS : MOST_ROWS, share));
        }
        return share < 4 * FEW_ROWS ? FEW_ROWS : Math.min(MANY_ROWS, share);
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

    /** Whether {@link #start} should come before {@link #forward}. */
    boolean startsLarge() {
        return layers.get(0).isLarge();
    }

    /** Computes what the first layer makes of the first rows, on all threads at once. */
    void start(DenseMemory memory, int rows) {
        DenseLayerMath first = layers.get(0);
        int outputs = shapes.get(0).outputs();
        int share = (outputs + Workers.COUNT - 1) / Workers.COUNT;
        Workers.run(
                (outputs + share - 1) / share,
                i -> first.someOutputs(
                        memory.features(), memory.output(0), rows, i * share, Math.min(outputs, (i + 1) * share)));
    }

    /** Drops from the features of the rows [from, to). */
    void drop(DenseMemory memory, List<DropoutMask> masks, int from, int to) {
        activate(memory.features(), false, masks.get(0), from, to);
    }

    /**
     * Computes the outputs of all layers for the rows [from, to).
     *
     * @param started whether the first layer's are there
     */
    void forward(DenseMemory memory, List<DropoutMask> masks, boolean started, int from, int to) {
        for (int layer = 0; layer < layers.size(); layer++) {
            LayerOutput output = memory.output(layer);
            if (layer > 0 || !started) {
                layers.get(layer).output(memory.input(layer), output, from, to);
            }
            layers.get(layer).finish(output, from, to);
            if (layer + 1 < layers.size()) {
                activate(output.values(), shapes.get(layer).rectified(), masks.get(layer + 1), from, to);
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

    /** From the derivatives by the logits to those by all other layers' outputs, for the rows [from, to). */
    void backward(DenseMemory memory, List<DropoutMask> masks, int from, int to) {
        for (int layer = layers.size() - 1; layer > 0; layer--) {
            Matrix delta = memory.delta(layer - 1);
            layers.get(layer).inputDelta(memory.delta(layer), delta, from, to);
            deactivate(memory.input(layer), delta, shapes.get(layer - 1).rectified(), masks.get(layer), from, to);
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
