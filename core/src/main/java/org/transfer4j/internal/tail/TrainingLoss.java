package org.transfer4j.internal.tail;

import org.transfer4j.internal.feature.LabelSets;
import org.transfer4j.training.Loss;

/**
 * What a tail makes small, and how its last layer's outputs, the logits, become probabilities. Works on one row at a
 * time. A label is what a batch has for a class index: a class, or the number of a set of classes.
 */
public abstract sealed class TrainingLoss permits CategoricalLoss, BinaryLoss {
    TrainingLoss() {}

    /**
     * A loss of softmax's probabilities.
     *
     * @param classWeights by class index; none at all where each class has 1
     */
    public static TrainingLoss categorical(Loss loss, double... classWeights) {
        return new CategoricalLoss(loss, classWeights);
    }

    /** Plain cross-entropy of softmax's probabilities. */
    public static TrainingLoss crossEntropy() {
        return categorical(Loss.crossEntropy());
    }

    /**
     * Binary cross-entropy of sigmoid's probabilities.
     *
     * @param sets what the labels stand for
     * @param classWeights of the images that have a class, by class index; none at all where each class has 1
     */
    public static TrainingLoss binary(Loss loss, LabelSets sets, double... classWeights) {
        return new BinaryLoss(loss, sets, classWeights);
    }

    /** The same loss where each class counts alike. */
    abstract TrainingLoss unweighted();

    /** Whether it is categorical cross-entropy as it is, which DL4J has. */
    abstract boolean isCrossEntropy();

    /** Turns logits into probabilities. */
    abstract void activate(float[] row);

    /**
     * Checks a label.
     *
     * @throws IllegalArgumentException if there is no such label
     */
    abstract void requireLabel(int label, int classes);

    /**
     * What the probabilities should be.
     *
     * @param label of an image
     * @param other of what was mixed into it
     * @param share of the image itself
     */
    abstract float[] target(int label, int other, double share, int classes);

    /**
     * The loss of an image into which another was mixed; not a number where the probabilities are none, which are taken
     * for no less than the smallest.
     */
    abstract double of(float[] probabilities, int label, int other, double share, double smallest);

    /** The loss of an image. */
    double of(float[] probabilities, int label, double smallest) {
        return of(probabilities, label, label, 1, smallest);
    }

    /** The same, given what {@link #target} gave. */
    abstract double of(float[] probabilities, float[] target, double smallest);

    /** Turns probabilities into the loss' derivatives by the logits, times a factor. */
    abstract void derive(float[] probabilities, int label, int other, double share, float factor);

    /** The derivatives of the loss of an image. */
    void derive(float[] probabilities, int label, float factor) {
        derive(probabilities, label, label, 1, factor);
    }

    /** The same, given what {@link #target} gave. */
    abstract void derive(float[] probabilities, float[] target, float factor);

    /** How much of an image is classified right by logits, 0 to 1. */
    abstract double hits(float[] logits, int label, int other, double share);

    /** The same, given what {@link #target} gave. */
    abstract double hits(float[] logits, float[] target);

    /** How much of an image is classified right by probabilities, 0 to 1. */
    abstract double hitsOfProbabilities(float[] probabilities, int label);
}
