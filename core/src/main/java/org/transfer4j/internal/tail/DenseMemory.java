package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;

/** What a batch leaves in the layers while it is worked on. */
final class DenseMemory implements AutoCloseable {
    private final List<DenseLayerShape> shapes;
    private final int rows;
    private final List<Matrix> outputs = new ArrayList<>();
    private final List<Matrix> deltas = new ArrayList<>();
    private final List<Matrix> dropped = new ArrayList<>();

    private DenseMemory(List<DenseLayerShape> shapes, int rows) {
        this.shapes = shapes;
        this.rows = rows;
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
        if (shapes.get(0).dropsInputs()) {
            memory.dropped.add(Matrix.allocate(rows, shapes.get(0).inputs()));
        }
        return memory;
    }

    int rows() {
        return rows;
    }

    /** Where the features go from which some are dropped, or the features themselves. */
    Matrix input(Matrix features) {
        return dropped.isEmpty() ? features : dropped.get(0);
    }

    /** The input of each layer, then the last layer's output. */
    List<Matrix> values(Matrix input) {
        List<Matrix> values = new ArrayList<>(List.of(input));
        values.addAll(outputs);
        return values;
    }

    /** The derivatives by each layer's output. */
    List<Matrix> deltas() {
        return deltas;
    }

    List<LayerGradient> gradients(Matrix input) {
        List<Matrix> values = values(input);
        List<LayerGradient> gradients = new ArrayList<>();
        for (int layer = 0; layer < shapes.size(); layer++) {
            gradients.add(new LayerGradient(values.get(layer), deltas.get(layer)));
        }
        return gradients;
    }

    @Override
    public void close() {
        outputs.forEach(Matrix::close);
        deltas.stream().limit(Math.max(0, deltas.size() - 1)).forEach(Matrix::close);
        dropped.forEach(Matrix::close);
    }
}
