package org.transfer4j.internal.tail;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.Target;

/**
 * How well a tail does on some examples.
 *
 * @param loss the mean loss, each class counting alike; probabilities are clipped at 1e-7, as in Keras
 * @param accuracy the fraction classified right, of the images or, where they have several labels, of images and classes
 */
record Scores(double loss, double accuracy) {
    private static final double SMALLEST = 1e-7;

    static Scores of(Tail tail, TrainingLoss measure, Examples examples, int batchSize) {
        TrainingLoss unweighted = measure.unweighted();
        double loss = 0;
        double correct = 0;
        int[] inOrder = IntStream.range(0, examples.size()).toArray();
        try (BatchStream batches = examples.batches(inOrder, batchSize)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                try (INDArray probabilities = tail.probabilities(batch)) {
                    float[] values = probabilities.dup('c').data().asFloat();
                    int classes = values.length / batch.size();
                    for (int i = 0; i < batch.size(); i++) {
                        Target actual = batch.targets().get(i);
                        float[] row = Arrays.copyOfRange(values, i * classes, (i + 1) * classes);
                        loss += unweighted.of(row, actual, SMALLEST);
                        correct += unweighted.hitsOfProbabilities(row, actual);
                    }
                }
            }
        }
        return new Scores(loss / examples.size(), correct / examples.size());
    }
}
