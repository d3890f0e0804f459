package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MatrixTest {
    @Test
    void rowsComeBackAsTheyWereWritten() {
        try (Matrix matrix = Matrix.allocate(3, 2)) {
            matrix.write(0, new float[] {1, 2});
            matrix.write(2, new float[] {5, 6});
            ByteBuffer middle = matrix.bytes(1, 2);
            assertThat(middle.remaining()).isEqualTo(8);
            middle.putFloat(3).putFloat(4);
            float[] row = new float[2];
            matrix.read(1, row);
            assertThat(row).containsExactly(3, 4);
            matrix.read(2, row);
            assertThat(row).containsExactly(5, 6);
        }
    }

    @Test
    void aPartOfAnArrayIsTheArraysMemory() {
        INDArray array = Nd4j.createFromArray(0f, 1, 2, 3, 4, 5);
        float[] row = new float[2];
        Matrix.view(array, 2, 2, 2).read(1, row);
        assertThat(row).containsExactly(4, 5);
        Matrix.view(array, 2, 2, 2).write(0, new float[] {7, 8});
        assertThat(array.getFloat(2)).isEqualTo(7);
    }

    @Test
    void nothingOutsideIsReached() {
        INDArray array = Nd4j.zeros(6);
        assertThatThrownBy(() -> Matrix.view(array, 3, 2, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Matrix.view(array, -1, 2, 2)).isInstanceOf(IllegalArgumentException.class);
        try (Matrix matrix = Matrix.allocate(3, 2)) {
            assertThatThrownBy(() -> matrix.at(3, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> matrix.at(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> matrix.bytes(1, 4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> matrix.read(0, new float[1])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> matrix.write(0, new float[3])).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
