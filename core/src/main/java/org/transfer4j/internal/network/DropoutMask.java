package org.transfer4j.internal.network;

import java.util.SplittableRandom;

/**
 * Inverted dropout: an input is kept with some probability and then divided by it, else it is zero. Which ones are kept
 * depends on the seed, the step, the layer and the row alone, so that a mask is made again instead of kept, and rows can
 * be worked on in any order.
 */
public final class DropoutMask {
    private final double retained;
    private final long key;
    private final long threshold;
    private final float scale;

    /**
     * Makes a mask.
     *
     * @param layer a number that no other layer of the network has
     * @param retained the probability with which an input is kept
     */
    public DropoutMask(long seed, int step, int layer, double retained) {
        this.retained = retained;
        key = mixed(mixed(seed) + step) + layer;
        // of the 2^32 unsigned integers, a part as large as the probability is below the threshold
        threshold = Math.round(retained * 0x1p32);
        scale = (float) (1 / retained);
    }

    /** Whether all is kept. */
    public boolean keepsAll() {
        return retained == 1;
    }

    /** Drops from one row. */
    public void apply(int row, float[] values) {
        if (keepsAll()) {
            return;
        }
        SplittableRandom random = new SplittableRandom(mixed(key) + row);
        for (int i = 0; i < values.length; i++) {
            values[i] = Integer.toUnsignedLong(random.nextInt()) < threshold ? values[i] * scale : 0;
        }
    }

    private static long mixed(long value) {
        return new SplittableRandom(value).nextLong();
    }
}
