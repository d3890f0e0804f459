package org.transfer4j.internal.tail.onednn;

import java.util.List;
import java.util.stream.DoubleStream;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.loss.SoftmaxCrossEntropy;
import org.transfer4j.internal.tail.loss.TrainingLoss;

/** The loss of one batch. Rows may be worked on in any order and at once; the sum is always made in the same one. */
final class BatchLoss {
    private final TrainingLoss loss;
    private final List<Target> targets;
    private final double[] losses;
    private final double[] hits;

    BatchLoss(TrainingLoss loss, Batch batch) {
        this.loss = loss;
        targets = batch.targets();
        losses = new double[targets.size()];
        hits = new double[targets.size()];
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

    /** The loss of a row of logits, which become its derivatives. */
    private double derive(int i, float[] row) {
        Target target = targets.get(i);
        hits[i] = loss.hits(row, target);
        loss.activate(row);
        double value = loss.of(row, target, SoftmaxCrossEntropy.SMALLEST);
        loss.derive(row, target, 1f / targets.size());
        return value;
    }

    Tail.StepResult result() {
        return new Tail.StepResult(
                DoubleStream.of(losses).sum() / losses.length,
                DoubleStream.of(hits).sum());
    }
}
