package org.transfer4j.internal.tail.onednn;

/**
 * What a layer gives.
 *
 * @param values [n, outputs]
 * @param transposed room for the same as [outputs, n], where the layer wants it
 */
record LayerOutput(Matrix values, Matrix transposed) implements AutoCloseable {
    static LayerOutput allocate(int rows, int outputs) {
        return new LayerOutput(Matrix.allocate(rows, outputs), Matrix.allocate(outputs, rows));
    }

    @Override
    public void close() {
        values.close();
        transposed.close();
    }
}
