package org.transfer4j.internal.format;

import java.util.Arrays;

/**
 * How a program lays out the arrays of layers, and the way from there to DL4J. They differ in kernels alone: a vector is
 * [n] in files, and [n] or [1, n] in DL4J, which takes both.
 */
public interface ArrayLayout {
    /** Whose layout it is, for errors. */
    String owner();

    /** The shape of a kernel in the file. */
    long[] kernelShape(LayerShapes layer);

    /** A kernel's values in the file's order, brought into DL4J's. */
    float[] kernelToDl4j(LayerShapes layer, float[] stored);

    /** The shape of a parameter in the file. */
    default long[] shape(LayerShapes layer, String parameter) {
        if (parameter.equals(LayerShapes.KERNEL)) {
            return kernelShape(layer);
        }
        if (parameter.equals(LayerShapes.POINTWISE)) {
            return kernelShape(layer.pointwise());
        }
        long[] dl4j = layer.shapes().get(parameter);
        if (dl4j != null && dl4j.length == 1) {
            return dl4j.clone();
        }
        if (dl4j != null && dl4j.length == 2 && dl4j[0] == 1) {
            return new long[] {dl4j[1]};
        }
        throw new IllegalArgumentException(
                "no " + parameter + " of layer " + layer.name() + " has the shape " + Arrays.toString(dl4j));
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
