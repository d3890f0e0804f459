package org.transfer4j.internal.tail;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/**
 * Binary cross-entropy of sigmoid's probabilities, the mean over the classes, as in Keras and PyTorch. An image is
 * classified right as far as its classes are, each by itself.
 */
final class BinaryLoss extends TrainingLoss {
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
    BinaryLoss unweighted() {
        return new BinaryLoss(loss);
    }

    @Override
    boolean isCrossEntropy() {
        return false;
    }

    @Override
    void activate(float[] row) {
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
    float[] row(Target target, int classes) {
        return row(target);
    }

    private static float[] row(Target target) {
        if (target instanceof Target.Mixed mixed) {
            float[] own = row(mixed.own());
            float[] row = row(mixed.other()).clone();
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (mixed.share() * own[i] + (1 - mixed.share()) * row[i]);
            }
            return row;
        }
        return ((Target.SeveralClasses) target).row();
    }

    @Override
    double of(float[] probabilities, Target target, double smallest) {
        return of(probabilities, row(target), smallest);
    }

    @Override
    double of(float[] probabilities, float[] target, double smallest) {
        double least = Math.max(smallest, SMALLEST);
        double sum = 0;
        for (int i = 0; i < target.length; i++) {
            double label = smoothed(target[i]);
            double probability = Math.min(Math.max(probabilities[i], least), 1 - least);
            sum -= weight(i) * label * Math.log(probability) + (1 - label) * Math.log(1 - probability);
        }
        return sum / target.length;
    }

    @Override
    void derive(float[] probabilities, Target target, float factor) {
        derive(probabilities, row(target), factor);
    }

    @Override
    void derive(float[] probabilities, float[] target, float factor) {
        double scale = (double) factor / target.length;
        for (int i = 0; i < target.length; i++) {
            double label = smoothed(target[i]);
            double probability = probabilities[i];
            probabilities[i] = (float) (scale * ((1 - label) * probability - weight(i) * label * (1 - probability)));
        }
    }

    private double smoothed(double label) {
        return label * (1 - smoothing) + smoothing / 2;
    }

    private double weight(int index) {
        return classWeights.length == 0 ? 1 : classWeights[index];
    }

    @Override
    double hits(float[] logits, Target target) {
        return hits(logits, row(target));
    }

    @Override
    double hits(float[] logits, float[] target) {
        return hits(logits, target, 0);
    }

    @Override
    double hitsOfProbabilities(float[] probabilities, Target target) {
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
