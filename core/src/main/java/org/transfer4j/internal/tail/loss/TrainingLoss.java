package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/**
 * What a tail makes small, and how its last layer's outputs, the logits, become probabilities, or are numbers as they are. Works
 * on one row at a time.
 */
public abstract sealed class TrainingLoss permits CategoricalLoss, RowLoss {
    /** What DL4J takes a probability for, in the loss, where it is smaller. */
    public static final double SMALLEST = 1e-10;

    TrainingLoss() {}

    /**
     * The loss of what it is for: softmax's probabilities, sigmoid's, or numbers.
     *
     * @param classWeights by class index; none at all where each class has 1, or there are numbers
     */
    public static TrainingLoss of(Loss loss, double... classWeights) {
        return loss.isRegression()
                ? ofNumbers(loss)
                : loss.isBinary() ? binary(loss, classWeights) : categorical(loss, classWeights);
    }

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
     * @param classWeights of the images that have a class, by class index; none at all where each class has 1
     */
    public static TrainingLoss binary(Loss loss, double... classWeights) {
        return new RowLoss.Binary(loss, classWeights);
    }

    /** A loss of numbers. */
    public static TrainingLoss ofNumbers(Loss loss) {
        return new RowLoss.Numbers(loss);
    }

    /** The same loss where each class counts alike. */
    public abstract TrainingLoss unweighted();

    /** Whether it is categorical cross-entropy as it is, which DL4J has. */
    abstract boolean isCrossEntropy();

    /** Turns logits into probabilities. */
    public abstract void activate(float[] row);

    /**
     * Checks a target.
     *
     * @throws IllegalArgumentException if it is for another head
     */
    public final void require(Target target, int classes) {
        if (target instanceof Target.Mixed mixed) {
            requirePlain(mixed.own(), classes);
            requirePlain(mixed.other(), classes);
        } else {
            requirePlain(target, classes);
        }
    }

    abstract void requirePlain(Target target, int classes);

    /** What the probabilities should be. */
    abstract float[] row(Target target, int classes);

    /** The target of which {@link #row} gave this. */
    abstract Target target(float[] row);

    /**
     * The loss of an image; not a number where the probabilities are none, which are taken for no less than the smallest.
     */
    public abstract double of(float[] probabilities, Target target, double smallest);

    /** Turns probabilities into the loss' derivatives by the logits, times a factor. */
    public abstract void derive(float[] probabilities, Target target, float factor);

    /** How much of an image is classified right by logits, 0 to 1; not a number where outputs are numbers. */
    public abstract double hits(float[] logits, Target target);

    /** How much of an image into which nothing was mixed is classified right by probabilities, 0 to 1. */
    public abstract double hitsOfProbabilities(float[] probabilities, Target target);
}
