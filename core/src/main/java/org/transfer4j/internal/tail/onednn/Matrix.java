package org.transfer4j.internal.tail.onednn;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.engine.onednn.MatrixProduct.Operand;

/** Rows of floats in native memory, one right after the other. */
final class Matrix implements AutoCloseable {
    private final FloatPointer memory;
    private final int rows;
    private final int columns;

    private Matrix(FloatPointer memory, int rows, int columns) {
        this.memory = memory;
        this.rows = rows;
        this.columns = columns;
    }

    /** New memory with undefined contents, for the caller to close. */
    static Matrix allocate(int rows, int columns) {
        FloatPointer memory = new FloatPointer(Math.multiplyExact((long) rows, columns));
        memory.retainReference(); // lives on after a scope that the caller may have open
        return new Matrix(memory, rows, columns);
    }

    /** A part of an array's memory, which must outlive the matrix. */
    static Matrix view(INDArray array, long offset, int rows, int columns) {
        if (offset < 0 || offset + (long) rows * columns > array.length()) {
            throw new IllegalArgumentException(
                    rows + " rows of " + columns + " from " + offset + " on are not within " + array.length());
        }
        return new Matrix(offset(new FloatPointer(array.data().addressPointer()), offset), rows, columns);
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** The place of a value, to be handed to native code. */
    FloatPointer at(int row, int column) {
        if (row < 0 || row >= rows || column < 0 || column >= columns) {
            throw new IndexOutOfBoundsException(row + ", " + column + " of " + rows + ", " + columns);
        }
        return offset(new FloatPointer(memory), (long) row * columns + column);
    }

    /** What starts at a value, to be multiplied. */
    Operand from(int row, int column) {
        return new Operand(at(row, column), columns);
    }

    /** The rows [from, to), to be written to. */
    ByteBuffer bytes(int from, int to) {
        if (to > rows) {
            throw new IndexOutOfBoundsException(to + " of " + rows + " rows");
        }
        FloatPointer start = at(from, 0);
        return start.limit(start.position() + (long) (to - from) * columns).asByteBuffer();
    }

    void read(int row, float[] target) {
        requireRow(target);
        at(row, 0).get(target);
    }

    void write(int row, float[] source) {
        requireRow(source);
        at(row, 0).put(source);
    }

    /** The first rows, copied, [rows, columns]. */
    INDArray copy(int rows) {
        float[][] values = new float[rows][columns];
        for (int row = 0; row < rows; row++) {
            read(row, values[row]);
        }
        return Nd4j.createFromArray(values);
    }

    private void requireRow(float[] row) {
        if (row.length != columns) {
            throw new IllegalArgumentException("a row has " + columns + " values, not " + row.length);
        }
    }

    private static FloatPointer offset(FloatPointer pointer, long values) {
        return pointer.position(pointer.position() + values);
    }

    @Override
    public void close() {
        memory.deallocate();
    }
}
