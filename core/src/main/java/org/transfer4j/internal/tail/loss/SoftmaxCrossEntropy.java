package org.transfer4j.internal.tail.loss;

/** Softmax, and the categorical cross-entropy of what comes out of it, on one row at a time. */
public final class SoftmaxCrossEntropy {
    /** What DL4J takes a probability for, in the loss, where it is smaller. */
    public static final double SMALLEST = 1e-10;

    private SoftmaxCrossEntropy() {}

    /** Turns logits into probabilities. */
    static void softmax(float[] row) {
        float highest = row[highest(row)];
        double[] powers = new double[row.length];
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            powers[i] = Math.exp((double) row[i] - highest);
            sum += powers[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (powers[i] / sum);
        }
    }

    /** The index of the first of the highest values. */
    static int highest(float[] row) {
        int highest = 0;
        for (int i = 1; i < row.length; i++) {
            if (row[i] > row[highest]) {
                highest = i;
            }
        }
        return highest;
    }

    /** Turns probabilities into the loss' derivative by the logits, times a factor. */
    static void derive(float[] probabilities, int actual, float factor) {
        probabilities[actual] -= 1;
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] *= factor;
        }
    }
}
