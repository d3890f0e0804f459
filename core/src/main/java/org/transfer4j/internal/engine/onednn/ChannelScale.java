package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;

/** A factor and a summand for each channel. */
final class ChannelScale {
    private final float[] factors;
    private final float[] summands;

    /** Takes the arrays as they are. */
    ChannelScale(float[] factors, float[] summands) {
        if (factors.length != summands.length) {
            throw new IllegalArgumentException(
                    "as many factors as summands are needed: " + factors.length + ", " + summands.length);
        }
        this.factors = factors;
        this.summands = summands;
    }

    static ChannelScale same(int channels, float factor, float summand) {
        float[] factors = new float[channels];
        float[] summands = new float[channels];
        Arrays.fill(factors, factor);
        Arrays.fill(summands, summand);
        return new ChannelScale(factors, summands);
    }

    int channels() {
        return factors.length;
    }

    float factor(int channel) {
        return factors[channel];
    }

    float summand(int channel) {
        return summands[channel];
    }
}
