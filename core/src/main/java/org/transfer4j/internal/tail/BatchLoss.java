package org.transfer4j.internal.tail;

import java.util.stream.DoubleStream;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.MixedClasses;

/** The loss of one batch. Rows may be worked on in any order and at once; the sum is always made in the same one. */
final class BatchLoss {
    private final TrainingLoss loss;
    private final int[] classIndices;
    private final MixedClasses mixed;
    private final double[] losses;
    private final double[] hits;

    BatchLoss(TrainingLoss loss, Batch batch) {
        this.loss = loss;
        classIndices = batch.classIndices();
        mixed = batch.mixed();
        losses = new double[classIndices.length];
        hits = new double[classIndices.length];
    }

    /** Notes the loss of the rows [from, to) of logits, and puts the mean loss' derivatives in their place. */
    void derive(Matrix logits, int from, int to) {
        float[] row = new float[logits.columns()];
        for (int i = from; i < to; i++) {
            logits.read(i, row);
            losses[i] = derive(i, row);
            logits.write(i, row);
        }
    }

    /** The loss of a row of logits, which become its derivatives: those of two labels, where images are mixed. */
    private double derive(int i, float[] row) {
        int actual = classIndices[i];
        int other = mixed.others()[i];
        double share = mixed.weights()[i];
        hits[i] = loss.hits(row, actual, other, share);
        loss.activate(row);
        double value = loss.of(row, actual, other, share, SoftmaxCrossEntropy.SMALLEST);
        loss.derive(row, actual, other, share, 1f / classIndices.length);
        return value;
    }

    Tail.StepResult result() {
        return new Tail.StepResult(
                DoubleStream.of(losses).sum() / losses.length,
                DoubleStream.of(hits).sum());
    }
}
