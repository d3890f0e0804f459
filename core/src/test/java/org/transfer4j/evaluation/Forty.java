package org.transfer4j.evaluation;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Forty made-up predictions for four classes, the last of which has no image; made by the same formula in Python. */
final class Forty {
    static final List<String> NAMES = List.of("ant", "bee", "cat", "dog");
    static final int SIZE = 40;

    private Forty() {}

    static int[] actual() {
        int[] actual = new int[SIZE];
        for (int i = 0; i < SIZE; i++) {
            actual[i] = (i * i + i / 3) % 3;
        }
        return actual;
    }

    static INDArray probabilities() {
        int[] actual = actual();
        float[][] rows = new float[SIZE][NAMES.size()];
        for (int i = 0; i < SIZE; i++) {
            double[] raw = new double[NAMES.size()];
            double sum = 0;
            for (int j = 0; j < raw.length; j++) {
                raw[j] = 1 + (7 * i + 11 * j + i * j) % 13 + (j == actual[i] ? (5 * i) % 9 : 0) + j * 0.25 / 8;
                sum += raw[j];
            }
            for (int j = 0; j < raw.length; j++) {
                rows[i][j] = (float) (raw[j] / sum);
            }
        }
        return Nd4j.createFromArray(rows);
    }

    static EvaluationReport report() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(NAMES);
        accumulator.add(probabilities(), actual());
        return accumulator.report();
    }
}
