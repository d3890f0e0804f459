package org.transfer4j.internal.calibration;

import java.util.List;

/**
 * A number by which the inputs of a softmax are divided, so that probabilities are as high as predictions are right: the one
 * of the smallest log loss on images that were not trained on (C. Guo and others, "On Calibration of Modern Neural Networks",
 * 2017). It changes no order of the classes.
 *
 * <p>Logarithms of the probabilities take the place of the softmax' inputs, from which they differ by one summand for all
 * classes. What is 0 as a float counts as the smallest float above it, e^-103.
 *
 * @param value above 1 where the network is too sure of itself
 */
public record Temperature(double value) {
    /** Leaves probabilities as they are. */
    public static final Temperature NONE = new Temperature(1);

    private static final double LOWEST = 0.01;
    private static final double HIGHEST = 100;
    private static final int MOST_STEPS = 200;
    private static final double PRECISION = 1e-12;

    /** Checks the range. */
    public Temperature {
        if (!(value >= LOWEST && value <= HIGHEST)) {
            throw new IllegalArgumentException("a temperature is from " + LOWEST + " to " + HIGHEST + ", got " + value);
        }
    }

    /**
     * Finds the temperature of the smallest log loss, from 0.01 to 100.
     *
     * @param probabilities of the classes of each image, those of temperature 1
     * @param labels the class that each has
     * @return 1 where each image's class is the most probable one: the colder, the smaller the loss would be
     */
    public static Temperature of(List<float[]> probabilities, int[] labels) {
        double[][] logits = probabilities.stream().map(Temperature::logits).toArray(double[][]::new);
        // the loss is convex in the reciprocal: its slope has one zero, which is kept between two bounds
        double low = 1 / HIGHEST;
        double high = 1 / LOWEST;
        if (!(slope(logits, labels, high).first > 0)) {
            return NONE;
        }
        if (slope(logits, labels, low).first >= 0) {
            return new Temperature(HIGHEST);
        }
        double inverse = 1;
        for (int step = 0; step < MOST_STEPS && high - low > PRECISION * inverse; step++) {
            Slope slope = slope(logits, labels, inverse);
            if (slope.first > 0) {
                high = inverse;
            } else {
                low = inverse;
            }
            double next = inverse - slope.first / slope.second;
            if (!(next > low && next < high)) {
                next = (low + high) / 2;
            }
            if (Math.abs(next - inverse) <= PRECISION * inverse) {
                return new Temperature(1 / next);
            }
            inverse = next;
        }
        return new Temperature(1 / inverse);
    }

    /** The first two derivatives of the sum of the losses. */
    private record Slope(double first, double second) {}

    private static Slope slope(double[][] logits, int[] labels, double inverse) {
        double first = 0;
        double second = 0;
        for (int i = 0; i < logits.length; i++) {
            double[] row = logits[i];
            double highest = highest(row);
            double sum = 0;
            double mean = 0;
            double square = 0;
            for (double logit : row) {
                // distances from the highest, so that nothing cancels out
                double distance = logit - highest;
                double share = Math.exp(distance * inverse);
                sum += share;
                mean += share * distance;
                square += share * distance * distance;
            }
            mean /= sum;
            first += mean - (row[labels[i]] - highest);
            second += square / sum - mean * mean;
        }
        return new Slope(first, second);
    }

    private static double[] logits(float[] probabilities) {
        double[] logits = new double[probabilities.length];
        for (int c = 0; c < logits.length; c++) {
            logits[c] = Math.log(Math.max(probabilities[c], Float.MIN_VALUE));
        }
        return logits;
    }

    private static double highest(double[] row) {
        double highest = Double.NEGATIVE_INFINITY;
        for (double value : row) {
            highest = Math.max(highest, value);
        }
        return highest;
    }

    /**
     * The probabilities at this temperature.
     *
     * @param probabilities those of temperature 1
     * @return a new array, or the same one at temperature 1
     */
    public float[] apply(float[] probabilities) {
        if (value == 1) {
            return probabilities;
        }
        double[] row = logits(probabilities);
        double highest = highest(row);
        double sum = 0;
        for (int c = 0; c < row.length; c++) {
            row[c] = Math.exp((row[c] - highest) / value);
            sum += row[c];
        }
        float[] calibrated = new float[row.length];
        for (int c = 0; c < row.length; c++) {
            calibrated[c] = (float) (row[c] / sum);
        }
        return calibrated;
    }
}
