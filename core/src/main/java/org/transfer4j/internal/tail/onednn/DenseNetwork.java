package org.transfer4j.internal.tail.onednn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.thread.Workers;

/** A chain of layers, forwards and backwards, for some rows of a batch: rows do not depend on each other. */
final class DenseNetwork {
    private static final int FEW_ROWS = 8;
    private static final int FEWEST_ROWS = 16;
    private static final int MOST_ROWS = 32;
    private static final int MANY_ROWS = 128;

    private final List<DenseChain.Layer> shapes;
    private final List<DenseLayerMath> layers;

    DenseNetwork(ParameterRow parameters) {
        this.shapes = parameters.layout().dense();
        this.layers = parameters.dense();
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
        return Collections.nCopies(shapes.size(), new DropoutMask(0, 0, 0, 1));
    }

    /** Whether {@link #load} and {@link #start} should come before {@link #forward}, and not {@link #begin}. */
    boolean startsLarge() {
        return layers.get(0).isLarge();
    }

    /** Computes what the first layer makes of the first rows, on all threads at once. */
    void start(Memory memory, int rows) {
        DenseLayerMath first = layers.get(0);
        int outputs = shapes.get(0).outputs();
        int share = (outputs + Workers.COUNT - 1) / Workers.COUNT;
        Workers.run(
                (outputs + share - 1) / share,
                i -> first.someOutputs(
                        memory.features(), memory.output(0), rows, i * share, Math.min(outputs, (i + 1) * share)));
    }

    /** Brings the features of the rows [from, to) into the memory, and drops from them. */
    void load(Memory memory, Features features, List<DropoutMask> masks, int from, int to) {
        columns(memory, features, from, to).load(0, inputs());
        activate(memory.features(), false, masks.get(0), from, to);
    }

    private DenseLayerMath.Columns columns(Memory memory, Features features, int from, int to) {
        ByteBuffer rows = memory.features().bytes(from, to);
        int start = rows.position();
        return (first, end) -> {
            for (int row = from; row < to; row++) {
                rows.position(start + ((row - from) * inputs() + first) * Float.BYTES);
                features.copy(row, first, end, rows);
            }
        };
    }

    /** Where a batch's features come from. */
    interface Features {
        /** Puts the values [from, to) of a row where the buffer's position is. */
        void copy(int row, int from, int to, ByteBuffer target);
    }

    /** Loads the rows [from, to) and computes the first layer's outputs for them: instead of {@link #load} and {@link #start}. */
    void begin(Memory memory, Features features, List<DropoutMask> masks, int from, int to) {
        DenseLayerMath.Columns columns = columns(memory, features, from, to);
        if (!masks.get(0).keepsAll()) {
            load(memory, features, masks, from, to);
            columns = DenseLayerMath.Columns.PRESENT;
        }
        layers.get(0).output(memory.features(), memory.output(0), from, to, columns);
    }

    /** Computes the outputs of all layers for the rows [from, to), for which the first layer was computed. */
    void forward(Memory memory, List<DropoutMask> masks, int from, int to) {
        for (int layer = 0; layer < layers.size(); layer++) {
            DenseLayerMath.Output output = memory.output(layer);
            if (layer > 0) {
                layers.get(layer).output(memory.input(layer), output, from, to, DenseLayerMath.Columns.PRESENT);
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

    /** From the derivatives by the logits to those by what all layers get, for the rows [from, to). */
    void backward(Memory memory, List<DropoutMask> masks, int from, int to) {
        for (int layer = layers.size() - 1; layer >= 0; layer--) {
            Matrix delta = memory.inputDelta(layer);
            if (delta != null) {
                layers.get(layer).inputDelta(memory.delta(layer), delta, from, to);
                boolean rectified = layer > 0 && shapes.get(layer - 1).rectified();
                deactivate(memory.input(layer), delta, rectified, masks.get(layer), from, to);
            }
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

    /** What a batch leaves in the layers while it is worked on. */
    static final class Memory implements AutoCloseable {
        private final Matrix features;
        private final List<DenseLayerMath.Output> outputs = new ArrayList<>();
        private final List<@Nullable Matrix> inputDeltas = new ArrayList<>();

        private Memory(List<DenseChain.Layer> shapes, int rows) {
            features = Matrix.allocate(rows, shapes.get(0).inputs());
            shapes.forEach(shape -> outputs.add(DenseLayerMath.Output.allocate(rows, shape.outputs())));
        }

        /** Memory to predict. */
        static Memory forInference(List<DenseChain.Layer> shapes, int rows) {
            return new Memory(shapes, rows);
        }

        /**
         * Memory to learn.
         *
         * @param belowLearns whether the derivatives by the features are wanted
         */
        static Memory forTraining(List<DenseChain.Layer> shapes, int rows, boolean belowLearns) {
            Memory memory = new Memory(shapes, rows);
            for (int layer = 0; layer < shapes.size(); layer++) {
                boolean wanted = layer > 0 || belowLearns;
                memory.inputDeltas.add(
                        wanted ? Matrix.allocate(rows, shapes.get(layer).inputs()) : null);
            }
            return memory;
        }

        int rows() {
            return features.rows();
        }

        Matrix features() {
            return features;
        }

        /** What a layer gets. */
        Matrix input(int layer) {
            return layer == 0 ? features : output(layer - 1).values();
        }

        /** What a layer gives. */
        DenseLayerMath.Output output(int layer) {
            return outputs.get(layer);
        }

        /** The last layer's output before softmax. */
        Matrix logits() {
            return output(outputs.size() - 1).values();
        }

        /** The loss' derivatives by what a layer gives; the last layer's take the place of its output. */
        Matrix delta(int layer) {
            Matrix delta = layer + 1 < inputDeltas.size() ? inputDeltas.get(layer + 1) : null;
            return delta == null ? logits() : delta;
        }

        /** The loss' derivatives by what a layer gets; null for the features where nobody wants them. */
        @Nullable
        Matrix inputDelta(int layer) {
            return inputDeltas.get(layer);
        }

        List<DenseLayerMath.Gradient> gradients() {
            List<DenseLayerMath.Gradient> gradients = new ArrayList<>();
            for (int layer = 0; layer < outputs.size(); layer++) {
                gradients.add(new DenseLayerMath.Gradient(input(layer), delta(layer)));
            }
            return gradients;
        }

        @Override
        public void close() {
            features.close();
            outputs.forEach(DenseLayerMath.Output::close);
            inputDeltas.stream().filter(Objects::nonNull).forEach(Matrix::close);
        }
    }
}
