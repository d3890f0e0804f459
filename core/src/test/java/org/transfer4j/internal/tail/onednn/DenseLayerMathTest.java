package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DenseLayerMathTest {
    private static final int ROWS = 70;

    /** Whichever way this machine computes narrow layers, the other one is tested here as well. */
    @ParameterizedTest
    @CsvSource({"10, 5000, true", "10, 5000, false", "1, 300, true", "1, 300, false", "40, 700, true", "40, 700, false"
    })
    void outputsAreProductsPlusBiases(int outputs, int inputs, boolean byColumns) {
        INDArray x = Nd4j.rand(ROWS, inputs);
        INDArray weights = Nd4j.rand(outputs, inputs).subi(0.5);
        INDArray bias = Nd4j.rand(1, outputs);
        INDArray expected = x.mmul(weights.transpose()).addiRowVector(bias);
        try (DenseLayerMath.Output output = DenseLayerMath.Output.allocate(ROWS, outputs);
                Matrix loaded = Matrix.allocate(ROWS, inputs);
                Matrix w = copy(weights);
                Matrix b = copy(bias)) {
            DenseLayerMath layer = new DenseLayerMath(w, b, byColumns);
            layer.output(loaded, output, 0, 3, (from, to) -> load(x, loaded, 0, 3, from, to));
            layer.finish(output, 0, 3);
            layer.output(loaded, output, 3, ROWS, (from, to) -> load(x, loaded, 3, ROWS, from, to));
            layer.finish(output, 3, ROWS);
            float[] row = new float[outputs];
            for (int i = 0; i < ROWS; i++) {
                output.values().read(i, row);
                for (int j = 0; j < outputs; j++) {
                    assertThat(row[j]).isCloseTo(expected.getFloat(i, j), within(inputs));
                }
            }
        }
    }

    @Test
    void eachColumnIsAskedForOnceInPiecesOrAllAtOnce() {
        assertThat(piecesAskedFor(true)).hasSizeGreaterThan(1);
        assertThat(piecesAskedFor(false)).hasSize(1);
    }

    private static List<int[]> piecesAskedFor(boolean byColumns) {
        int inputs = 25_088;
        List<int[]> pieces = new ArrayList<>();
        try (DenseLayerMath.Output output = DenseLayerMath.Output.allocate(64, 10);
                Matrix x = copy(Nd4j.zeros(64, inputs));
                Matrix weights = copy(Nd4j.zeros(10, inputs));
                Matrix bias = copy(Nd4j.zeros(1, 10))) {
            DenseLayerMath layer = new DenseLayerMath(weights, bias, byColumns);
            layer.output(x, output, 0, 64, (from, to) -> pieces.add(new int[] {from, to}));
        }
        int next = 0;
        for (int[] piece : pieces) {
            assertThat(piece[0]).isEqualTo(next);
            next = piece[1];
        }
        assertThat(next).isEqualTo(inputs);
        return pieces;
    }

    private static void load(INDArray x, Matrix target, int fromRow, int toRow, int from, int to) {
        for (int i = fromRow; i < toRow; i++) {
            for (int j = from; j < to; j++) {
                target.at(i, j).put(x.getFloat(i, j));
            }
        }
    }

    private static Matrix copy(INDArray array) {
        Matrix copy = Matrix.allocate(array.rows(), array.columns());
        for (int i = 0; i < array.rows(); i++) {
            copy.write(i, array.getRow(i).toFloatVector());
        }
        return copy;
    }

    private static Offset<Float> within(int inputs) {
        return Offset.offset(inputs * 1e-6f);
    }
}
