package org.transfer4j.internal.tail;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.MixedClasses;

/** The loss of one batch. Rows may be worked on in any order and at once; the sum is always made in the same one. */
final class BatchLoss {
    private final TrainingLoss loss;
    private final int[] classIndices;
    private final MixedClasses mixed;
    private final double[] losses;
    private final int[] hits;

    BatchLoss(TrainingLoss loss, Batch batch) {
        this.loss = loss;
        classIndices = batch.classIndices();
        mixed = batch.mixed();
        losses = new double[classIndices.length];
        hits = new int[classIndices.length];
    }

    /** Notes the loss of the rows [from, to) of logits, and puts the mean loss' derivatives in their place. */
    void derive(Matrix logits, int from, int to) {
        float[] row = new float[logits.columns()];
        for (int i = from; i < to; i++) {
            logits.read(i, row);
            hits[i] = SoftmaxCrossEntropy.highest(row) == mainClass(i) ? 1 : 0;
            SoftmaxCrossEntropy.softmax(row);
            losses[i] = derive(i, row);
            logits.write(i, row);
        }
    }

    private int mainClass(int i) {
        return mixed.weights()[i] < 0.5 ? mixed.others()[i] : classIndices[i];
    }

    /** The loss of a row's probabilities, which become its derivatives: those of two classes, where they are mixed. */
    private double derive(int i, float[] row) {
        int actual = classIndices[i];
        int other = mixed.others()[i];
        double share = mixed.weights()[i];
        double value = loss.of(row, actual, other, share, SoftmaxCrossEntropy.SMALLEST);
        loss.derive(row, actual, other, share, 1f / classIndices.length);
        return value;
    }

    Tail.StepResult result() {
        return new Tail.StepResult(
                DoubleStream.of(losses).sum() / losses.length,
                IntStream.of(hits).sum());
    }
}
