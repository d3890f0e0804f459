package org.transfer4j.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How well one target was predicted. With y what was predicted, t what is actual, of each image: as scikit-learn computes it, of
 * doubles.
 *
 * @param name of the target
 * @param meanAbsoluteError the mean of |y - t|, in the target's unit
 * @param rootMeanSquaredError the root of the mean of (y - t)^2, in the target's unit
 * @param medianAbsoluteError the median of |y - t|, in the target's unit
 * @param r2 the coefficient of determination, 1 - the sum of (y - t)^2 / the sum of (t - mean t)^2: 1 is perfect, 0 what the mean
 *     alone would give, less is worse. Where all actual values are the same, 1 if all were hit, else 0; NaN of one image
 * @param explainedVariance 1 - variance of (y - t) / variance of t: as r2, but an error that all images have in common does not
 *     count
 * @param correlation Pearson's, -1 to 1; NaN where the actual or the predicted values are all the same
 */
public record TargetMetrics(
        String name,
        double meanAbsoluteError,
        double rootMeanSquaredError,
        double medianAbsoluteError,
        double r2,
        double explainedVariance,
        double correlation) {
    static TargetMetrics of(String name, double[] predicted, double[] actual) {
        int size = actual.length;
        double[] errors = IntStream.range(0, size)
                .mapToDouble(i -> predicted[i] - actual[i])
                .toArray();
        double[] sizes = Arrays.stream(errors).map(Math::abs).toArray();
        double squares = Arrays.stream(errors).map(error -> error * error).sum();
        double spread = squaresAroundMean(actual);
        double errorSpread = squaresAroundMean(errors);
        return new TargetMetrics(
                name,
                mean(sizes),
                Math.sqrt(squares / size),
                median(sizes),
                size < 2 ? Double.NaN : explained(squares, spread),
                explained(errorSpread, spread),
                correlation(predicted, actual, spread));
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Of values that are all the same 0, though their mean may be another by rounding. */
    private static double squaresAroundMean(double[] values) {
        double first = values[0];
        if (Arrays.stream(values).allMatch(value -> value == first)) {
            return 0;
        }
        double mean = mean(values);
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Where there is nothing to explain, all of it or nothing. */
    private static double explained(double left, double spread) {
        if (spread == 0) {
            return left == 0 ? 1 : 0;
        }
        return 1 - left / spread;
    }

    private static double correlation(double[] predicted, double[] actual, double spread) {
        double meanPredicted = mean(predicted);
        double meanActual = mean(actual);
        double together = IntStream.range(0, actual.length)
                .mapToDouble(i -> (predicted[i] - meanPredicted) * (actual[i] - meanActual))
                .sum();
        double norm = Math.sqrt(squaresAroundMean(predicted)) * Math.sqrt(spread);
        return norm == 0 ? Double.NaN : Math.max(-1, Math.min(1, together / norm));
    }
}
