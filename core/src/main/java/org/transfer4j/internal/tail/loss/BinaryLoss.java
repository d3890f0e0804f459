package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/**
 * Binary cross-entropy of sigmoid's probabilities. An image is classified right as far as its classes are, each by itself.
 */
final class BinaryLoss extends RowLoss {
    /** What a probability, and what is missing to 1, is taken for where it is smaller; below it floats end at 1. */
    private static final double SMALLEST = 1e-7;

    private final Loss loss;
    private final double smoothing;
    private final double[] classWeights;

    BinaryLoss(Loss loss, double... classWeights) {
        this.loss = loss;
        this.smoothing = loss.labelSmoothing();
        this.classWeights = classWeights.clone();
    }

    @Override
    public BinaryLoss unweighted() {
        return new BinaryLoss(loss);
    }

    @Override
    public void activate(float[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (1 / (1 + Math.exp(-row[i])));
        }
    }

    @Override
    void requirePlain(Target target, int classes) {
        if (!(target instanceof Target.SeveralClasses several) || several.row().length != classes) {
            throw new IllegalArgumentException("a multi-label head of " + classes
                    + " classes needs images with any number of these, got " + target);
        }
    }

    @Override
    double term(int index, double output, float wanted, double smallest) {
        double least = Math.max(smallest, SMALLEST);
        double label = smoothed(wanted);
        double probability = Math.min(Math.max(output, least), 1 - least);
        return -(weight(index) * label * Math.log(probability) + (1 - label) * Math.log(1 - probability));
    }

    @Override
    double slope(int index, double output, float wanted) {
        double label = smoothed(wanted);
        return (1 - label) * output - weight(index) * label * (1 - output);
    }

    private double smoothed(double label) {
        return label * (1 - smoothing) + smoothing / 2;
    }

    private double weight(int index) {
        return classWeights.length == 0 ? 1 : classWeights[index];
    }

    @Override
    double hits(float[] logits, float[] target) {
        return hits(logits, target, 0);
    }

    @Override
    public double hitsOfProbabilities(float[] probabilities, Target target) {
        return hits(probabilities, row(target), 0.5f);
    }

    private static double hits(float[] row, float[] target, float threshold) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += (row[i] > threshold) == (target[i] >= 0.5f) ? 1 : 0;
        }
        return (double) right / target.length;
    }
}
