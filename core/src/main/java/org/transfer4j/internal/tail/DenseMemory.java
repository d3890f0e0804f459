package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;

/** What a batch leaves in the layers while it is worked on. */
final class DenseMemory implements AutoCloseable {
    private final List<DenseLayerShape> shapes;
    private final Matrix input;
    private final List<Matrix> outputs = new ArrayList<>();
    private final List<Matrix> deltas = new ArrayList<>();

    private DenseMemory(List<DenseLayerShape> shapes, int rows) {
        this.shapes = shapes;
        input = Matrix.allocate(rows, shapes.get(0).inputs());
        shapes.forEach(shape -> outputs.add(Matrix.allocate(rows, shape.outputs())));
    }

    /** Memory to predict. */
    static DenseMemory forInference(List<DenseLayerShape> shapes, int rows) {
        return new DenseMemory(shapes, rows);
    }

    /** Memory to learn. */
    static DenseMemory forTraining(List<DenseLayerShape> shapes, int rows) {
        DenseMemory memory = new DenseMemory(shapes, rows);
        for (DenseLayerShape shape : shapes.subList(0, shapes.size() - 1)) {
            memory.deltas.add(Matrix.allocate(rows, shape.outputs()));
        }
        // the last layer's outputs are not needed any more when their derivatives are known
        memory.deltas.add(memory.outputs.get(shapes.size() - 1));
        return memory;
    }

    int rows() {
        return input.rows();
    }

    /** The input of each layer, then the last layer's output. */
    List<Matrix> values() {
        List<Matrix> values = new ArrayList<>(List.of(input));
        values.addAll(outputs);
        return values;
    }

    /** The derivatives by each layer's output. */
    List<Matrix> deltas() {
        return deltas;
    }

    List<LayerGradient> gradients() {
        List<Matrix> values = values();
        List<LayerGradient> gradients = new ArrayList<>();
        for (int layer = 0; layer < shapes.size(); layer++) {
            gradients.add(new LayerGradient(values.get(layer), deltas.get(layer)));
        }
        return gradients;
    }

    @Override
    public void close() {
        input.close();
        outputs.forEach(Matrix::close);
        deltas.stream().limit(Math.max(0, deltas.size() - 1)).forEach(Matrix::close);
    }
}
