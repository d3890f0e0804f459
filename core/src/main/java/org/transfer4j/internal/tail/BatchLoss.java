package org.transfer4j.internal.tail;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The loss of one batch. Rows may be worked on in any order and at once; the sum is always made in the same one. */
final class BatchLoss {
    private final TrainingLoss loss;
    private final int[] classIndices;
    private final double[] losses;
    private final int[] hits;

    BatchLoss(TrainingLoss loss, int[] classIndices) {
        this.loss = loss;
        this.classIndices = classIndices;
        losses = new double[classIndices.length];
        hits = new int[classIndices.length];
    }

    /** Notes the loss of the rows [from, to) of logits, and puts the mean loss' derivatives in their place. */
    void derive(Matrix logits, int from, int to) {
        float[] row = new float[logits.columns()];
        for (int i = from; i < to; i++) {
            int actual = classIndices[i];
            logits.read(i, row);
            hits[i] = SoftmaxCrossEntropy.highest(row) == actual ? 1 : 0;
            SoftmaxCrossEntropy.softmax(row);
            losses[i] = loss.of(row, actual, SoftmaxCrossEntropy.SMALLEST);
            loss.derive(row, actual, 1f / classIndices.length);
            logits.write(i, row);
        }
    }

    Tail.StepResult result() {
        return new Tail.StepResult(
                DoubleStream.of(losses).sum() / losses.length,
                IntStream.of(hits).sum());
    }
}
