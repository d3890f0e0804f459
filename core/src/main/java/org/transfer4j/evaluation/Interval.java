package org.transfer4j.evaluation;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.text.TextTable;

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
     * The 95% bootstrap interval of a figure, the same each time; of what is not a number nothing is taken.
     *
     * @param count how many images there are
     * @param figure of images that are drawn, by their numbers, as many, with replacement
     */
    static Interval bootstrap(int count, ToDoubleFunction<IntStream> figure) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] values = IntStream.range(0, RESAMPLES)
                .mapToDouble(i -> figure.applyAsDouble(random.ints(count, 0, count)))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
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
     * Both ends.
     *
     * @return for example {@code 0.9312 to 0.9587}
     */
    @Override
    public String toString() {
        return TextTable.decimals(low, 4) + " to " + TextTable.decimals(high, 4);
    }
}
