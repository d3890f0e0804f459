package org.transfer4j.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Between which values a figure lies, as far as the images at hand tell.
 *
 * @param low the lower end
 * @param high the upper end
 */
public record Interval(double low, double high) {
    private static final int RESAMPLES = 1_000;
    private static final long SEED = 42;

    /**
     * The 95% bootstrap intervals of figures, the same each time; of what is not a number nothing is taken.
     *
     * @param count how many images there are
     * @param number of figures
     * @param figures of images that are drawn, by their numbers, as many, with replacement
     */
    static List<Interval> bootstrap(int count, int number, Function<int[], double[]> figures) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[][] values = new double[RESAMPLES][];
        for (int i = 0; i < RESAMPLES; i++) {
            values[i] = figures.apply(random.ints(count, 0, count).toArray());
        }
        return IntStream.range(0, number)
                .mapToObj(f -> of(Arrays.stream(values).mapToDouble(each -> each[f])))
                .toList();
    }

    private static Interval of(DoubleStream resampled) {
        double[] values = resampled.filter(Double::isFinite).sorted().toArray();
        return values.length == 0
                ? new Interval(Double.NaN, Double.NaN)
                : new Interval(percentile(values, 0.025), percentile(values, 0.975));
    }

    /** Between two values in proportion, as NumPy's. */
    private static double percentile(double[] sorted, double part) {
        double place = part * (sorted.length - 1);
        int below = (int) place;
        double above = sorted[Math.min(below + 1, sorted.length - 1)];
        return sorted[below] + (place - below) * (above - sorted[below]);
    }

    /**
     * Both ends, with some five digits whatever the unit.
     *
     * @return for example {@code 0.9312 to 0.9587}; {@code -} in the place of what is not a number
     */
    @Override
    public String toString() {
        return RegressionReport.number(low) + " to " + RegressionReport.number(high);
    }
}
