package org.transfer4j.internal.tail;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;

/**
 * How well a tail does on some examples.
 *
 * @param loss the mean categorical cross-entropy; probabilities are clipped at 1e-7, as in Keras
 * @param accuracy the fraction classified right
 */
record Scores(double loss, double accuracy) {
    private static final double SMALLEST = 1e-7;

    static Scores of(Tail tail, Examples examples, int batchSize) {
        double loss = 0;
        long correct = 0;
        int[] inOrder = IntStream.range(0, examples.size()).toArray();
        try (BatchStream batches = examples.batches(inOrder, batchSize)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                try (INDArray probabilities = tail.probabilities(batch.features())) {
                    float[][] rows = probabilities.toFloatMatrix();
                    for (int i = 0; i < rows.length; i++) {
                        int actual = batch.classIndices()[i];
                        loss -= Math.log(Math.max(SMALLEST, rows[i][actual]));
                        correct += highest(rows[i]) == actual ? 1 : 0;
                    }
                }
            }
        }
        return new Scores(loss / examples.size(), (double) correct / examples.size());
    }

    private static int highest(float[] row) {
        int highest = 0;
        for (int i = 1; i < row.length; i++) {
            if (row[i] > row[highest]) {
                highest = i;
            }
        }
        return highest;
    }
}
