package org.transfer4j.label;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.DatasetException;

/** The rows of an array [N, classes], and the places of large values in each. */
final class OneHotRows {
    private final DataBuffer values;
    private final int rows;
    private final int columns;

    OneHotRows(INDArray array, int classes) {
        if (array == null || array.wasClosed()) {
            throw new IllegalArgumentException(
                    "labels must be an array that is open, got " + (array == null ? "null" : "a closed one"));
        }
        if (array.rank() != 2
                || array.isEmpty()
                || array.size(1) != classes
                || !array.dataType().isNumerical()) {
            throw new IllegalArgumentException("labels must be numbers of shape [N, " + classes
                    + "] with N at least 1, got " + array.dataType() + " " + Arrays.toString(array.shape()));
        }
        this.values = array.dup('c').data();
        this.rows = Math.toIntExact(array.size(0));
        this.columns = classes;
    }

    int count() {
        return rows;
    }

    /** The first of the largest values. */
    int largest(int row) {
        int largest = 0;
        boolean allZeros = true;
        for (int column = 0; column < columns; column++) {
            double value = number(row, column);
            allZeros &= value == 0;
            if (value > at(row, largest)) {
                largest = column;
            }
        }
        if (allZeros) {
            throw new DatasetException(null, "row " + row + " of the labels is all zeros: it stands for no class");
        }
        return largest;
    }

    /** The columns with a value above a threshold, as floats, which probabilities are: 0.3f is above the double 0.3. */
    int[] above(int row, double threshold) {
        return IntStream.range(0, columns)
                .filter(column -> (float) number(row, column) > (float) threshold)
                .toArray();
    }

    private double number(int row, int column) {
        double value = at(row, column);
        if (Double.isNaN(value)) {
            throw new DatasetException(null, "row " + row + " of the labels is NaN in column " + column);
        }
        return value;
    }

    private double at(int row, int column) {
        return values.getDouble((long) row * columns + column);
    }
}
