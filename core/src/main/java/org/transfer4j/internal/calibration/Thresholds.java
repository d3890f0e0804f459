package org.transfer4j.internal.calibration;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.transfer4j.evaluation.LabelThreshold;

/** Chooses above which probability a label is given: half way between two probabilities of held-out images. */
public final class Thresholds {
    private static final double HALF = 0.5;

    private Thresholds() {}

    /**
     * The threshold of the highest F1, or the one of the highest recall with a precision that is high enough; of equal ones the
     * highest.
     *
     * @param probabilities of the label, by image
     * @param there whether the image has it
     * @param precision what is wanted; empty for F1
     * @return one half where no image has the label; where no threshold is precise enough, the most precise one
     */
    public static LabelThreshold of(String label, float[] probabilities, boolean[] there, OptionalDouble precision) {
        int[] order = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted((a, b) -> Float.compare(probabilities[b], probabilities[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        long support = IntStream.range(0, there.length).filter(i -> there[i]).count();
        LabelThreshold best = new LabelThreshold(label, HALF, 0, 0, support);
        double highest = Double.NEGATIVE_INFINITY;
        long right = 0;
        for (int given = 1; given <= order.length && support > 0; given++) {
            float lowest = probabilities[order[given - 1]];
            right += there[order[given - 1]] ? 1 : 0;
            float next = given == order.length ? 0 : probabilities[order[given]];
            if (lowest == next) {
                continue;
            }
            double reached = (double) right / given;
            double recall = (double) right / support;
            double value = precision.isEmpty()
                    ? 2.0 * right / (given + support)
                    // more recall counts where the precision suffices, more precision where it does not
                    : reached >= precision.getAsDouble() ? 1 + recall : reached;
            if (value > highest) {
                highest = value;
                best = new LabelThreshold(label, between(next, lowest), reached, recall, support);
            }
        }
        return best;
    }

    /** As a float, which probabilities are: not below the lower one, and below the upper one. */
    private static double between(float lower, float upper) {
        float middle = lower + (upper - lower) / 2;
        return middle > 0 && middle < upper ? middle : Math.max(lower, Float.MIN_VALUE);
    }
}
