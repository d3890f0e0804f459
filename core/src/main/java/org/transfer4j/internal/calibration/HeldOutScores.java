package org.transfer4j.internal.calibration;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/**
 * How strange held-out images were to a model, by a score: split conformal prediction (V. Vovk and others, "Algorithmic
 * Learning in a Random World", 2005; A. Angelopoulos, S. Bates, "A Gentle Introduction to Conformal Prediction", 2021). Of new
 * images from the same source, a wanted part or more have a score no higher than {@link #highest}.
 *
 * @param values ascending, finite, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // may be many, and nobody changes them
public record HeldOutScores(float[] values) {
    /** What 95% wants. */
    public static final int FEWEST = 19;

    /** Checks the order. */
    public HeldOutScores {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i]) || (i > 0 && values[i] < values[i - 1])) {
                throw new IllegalArgumentException("scores are finite and ascending, got " + values[i] + " as number "
                        + i + " of " + values.length);
            }
        }
    }

    /** The scores of images in any order. */
    public static HeldOutScores of(float[] unordered) {
        float[] values = unordered.clone();
        Arrays.sort(values);
        return new HeldOutScores(values);
    }

    /** How many images there were. */
    public int size() {
        return values.length;
    }

    /** Whether they are enough for a coverage. */
    public boolean suffice(double coverage) {
        return rank(coverage, values.length) <= values.length;
    }

    /**
     * The score that as many new images as wanted keep to: the one of rank ceil((n + 1) coverage) of n.
     *
     * @param coverage the part of the images, above 0 and below 1
     * @throws IllegalArgumentException if it is out of its range, or the images are too few for it
     */
    public float highest(double coverage) {
        if (!(coverage > 0 && coverage < 1)) {
            throw new IllegalArgumentException("a coverage is above 0 and below 1, got " + coverage);
        }
        long rank = rank(coverage, values.length);
        if (rank > values.length) {
            throw new IllegalArgumentException("to cover " + percent(coverage) + " of new images, " + fewest(coverage)
                    + " held-out images or more are needed, those of the temperature not counted (n with ceil((n + 1) x "
                    + BigDecimal.valueOf(coverage).toPlainString() + ") <= n), got " + values.length
                    + ": calibrate with more images, or ask for less");
        }
        return values[(int) rank - 1];
    }

    /** In decimals, as the number is written: 20 x 0.95 is 19, and nothing more. */
    private static long rank(double coverage, int images) {
        return BigDecimal.valueOf(coverage)
                .multiply(BigDecimal.valueOf(images + 1L))
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    private static String fewest(double coverage) {
        BigDecimal part = BigDecimal.valueOf(coverage);
        return part.divide(BigDecimal.ONE.subtract(part), 0, RoundingMode.CEILING)
                .toPlainString();
    }

    private static String percent(double coverage) {
        return BigDecimal.valueOf(coverage)
                        .movePointRight(2)
                        .stripTrailingZeros()
                        .toPlainString() + "%";
    }
}
