package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;

/** A loss of each output by itself, the mean over them, as in Keras and PyTorch. */
abstract sealed class RowLoss extends TrainingLoss permits BinaryLoss, NumberLoss {
    @Override
    final boolean isCrossEntropy() {
        return false;
    }

    /**
     * What one output adds.
     *
     * @param index the output's
     * @param smallest what a probability is taken for where it is smaller
     */
    abstract double term(int index, double output, float wanted, double smallest);

    /** The derivative of a term by what is activated. */
    abstract double slope(int index, double output, float wanted);

    @Override
    final float[] row(Target target, int outputs) {
        return row(target);
    }

    /** What the outputs should be. */
    static float[] row(Target target) {
        if (target instanceof Target.Mixed mixed) {
            float[] own = row(mixed.own());
            float[] row = row(mixed.other()).clone();
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (mixed.share() * own[i] + (1 - mixed.share()) * row[i]);
            }
            return row;
        }
        return ((Target.Row) target).row();
    }

    @Override
    public final double of(float[] outputs, Target target, double smallest) {
        return of(outputs, row(target), smallest);
    }

    @Override
    final double of(float[] outputs, float[] target, double smallest) {
        double sum = 0;
        for (int i = 0; i < target.length; i++) {
            sum += term(i, outputs[i], target[i], smallest);
        }
        return sum / target.length;
    }

    @Override
    public final double hits(float[] outputs, Target target) {
        return hits(outputs, row(target));
    }

    @Override
    public final void derive(float[] outputs, Target target, float factor) {
        derive(outputs, row(target), factor);
    }

    @Override
    final void derive(float[] outputs, float[] target, float factor) {
        double scale = (double) factor / target.length;
        for (int i = 0; i < target.length; i++) {
            outputs[i] = (float) (scale * slope(i, outputs[i], target[i]));
        }
    }
}
