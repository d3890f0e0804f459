package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a batch leaves in the layers while it is worked on. */
final class DenseMemory implements AutoCloseable {
    private final Matrix features;
    private final List<LayerOutput> outputs = new ArrayList<>();
    private final List<@Nullable Matrix> inputDeltas = new ArrayList<>();

    private DenseMemory(List<DenseLayerShape> shapes, int rows) {
        features = Matrix.allocate(rows, shapes.get(0).inputs());
        shapes.forEach(shape -> outputs.add(LayerOutput.allocate(rows, shape.outputs())));
    }

    /** Memory to predict. */
    static DenseMemory forInference(List<DenseLayerShape> shapes, int rows) {
        return new DenseMemory(shapes, rows);
    }

    /**
     * Memory to learn.
     *
     * @param belowLearns whether the derivatives by the features are wanted
     */
    static DenseMemory forTraining(List<DenseLayerShape> shapes, int rows, boolean belowLearns) {
        DenseMemory memory = new DenseMemory(shapes, rows);
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
    LayerOutput output(int layer) {
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

    List<LayerGradient> gradients() {
        List<LayerGradient> gradients = new ArrayList<>();
        for (int layer = 0; layer < outputs.size(); layer++) {
            gradients.add(new LayerGradient(input(layer), delta(layer)));
        }
        return gradients;
    }

    @Override
    public void close() {
        features.close();
        outputs.forEach(LayerOutput::close);
        inputDeltas.stream().filter(Objects::nonNull).forEach(Matrix::close);
    }
}
