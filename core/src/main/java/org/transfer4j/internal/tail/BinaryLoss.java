package org.transfer4j.internal.tail;

import org.transfer4j.internal.feature.LabelSets;
import org.transfer4j.training.Loss;

/**
 * Binary cross-entropy of sigmoid's probabilities, the mean over the classes, as in Keras and PyTorch. An image is
 * classified right as far as its classes are, each by itself.
 */
final class BinaryLoss extends TrainingLoss {
    /** What a probability, and what is missing to 1, is taken for where it is smaller; below it floats end at 1. */
    private static final double SMALLEST = 1e-7;

    private final Loss loss;
    private final LabelSets sets;
    private final double smoothing;
    private final double[] classWeights;

    BinaryLoss(Loss loss, LabelSets sets, double... classWeights) {
        this.loss = loss;
        this.sets = sets;
        this.smoothing = loss.labelSmoothing();
        this.classWeights = classWeights.clone();
    }

    @Override
    BinaryLoss unweighted() {
        return new BinaryLoss(loss, sets);
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
    void requireLabel(int label, int classes) {
        if (label < 0 || label >= sets.size()) {
            throw new IllegalArgumentException(
                    "a set of labels must be at least 0 and less than " + sets.size() + ", got " + label);
        }
    }

    @Override
    float[] target(int label, int other, double share, int classes) {
        float[] own = sets.row(label);
        if (share == 1) {
            return own;
        }
        float[] mixed = sets.row(other).clone();
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (float) (share * own[i] + (1 - share) * mixed[i]);
        }
        return mixed;
    }

    private float[] target(int label, int other, double share) {
        return target(label, other, share, 0);
    }

    @Override
    double of(float[] probabilities, int label, int other, double share, double smallest) {
        return of(probabilities, target(label, other, share), smallest);
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
    void derive(float[] probabilities, int label, int other, double share, float factor) {
        derive(probabilities, target(label, other, share), factor);
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
    double hits(float[] logits, int label, int other, double share) {
        return hits(logits, target(label, other, share));
    }

    @Override
    double hits(float[] logits, float[] target) {
        return hits(logits, target, 0);
    }

    @Override
    double hitsOfProbabilities(float[] probabilities, int label) {
        return hits(probabilities, sets.row(label), 0.5f);
    }

    private static double hits(float[] row, float[] target, float threshold) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += (row[i] > threshold) == (target[i] >= 0.5f) ? 1 : 0;
        }
        return (double) right / target.length;
    }
}
