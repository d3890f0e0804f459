package org.transfer4j.internal.format;

/** How a program lays out the arrays of layers, and the way from there to the ops. They differ in kernels alone. */
public interface ArrayLayout {
    /** Whose layout it is, for errors. */
    String owner();

    /** The shape of a kernel in the file. */
    long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel);

    /** A kernel's values in the file's order, brought into the op's. */
    float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored);

    /** The shape of a parameter in the file. */
    default long[] shape(LayerShapes layer, LayerShapes.Parameter parameter) {
        return parameter.isKernel()
                ? kernelShape(layer, parameter)
                : parameter.shape().toArray();
    }

    /** The shape that an array of a file should have; one of several, where a program writes the same values in either. */
    default long[] shape(LayerShapes layer, LayerShapes.Parameter parameter, StoredArray array) {
        return shape(layer, parameter);
    }

    /** A matrix of so many rows, with rows and columns exchanged. */
    static float[] transposed(float[] stored, int rows, int columns) {
        return transposed(stored, rows, columns, 1);
    }

    /** The same of blocks of so many values. */
    static float[] transposed(float[] stored, int rows, int columns, int block) {
        float[] values = new float[stored.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int from = (row * columns + column) * block;
                System.arraycopy(stored, from, values, (column * rows + row) * block, block);
            }
        }
        return values;
    }
}
