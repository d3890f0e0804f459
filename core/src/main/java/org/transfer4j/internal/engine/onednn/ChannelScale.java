package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;

/** A factor and a summand for each channel. The arrays are not copied. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ChannelScale(float[] factors, float[] summands) {
    ChannelScale {
        if (factors.length != summands.length) {
            throw new IllegalArgumentException(
                    "as many factors as summands are needed: " + factors.length + ", " + summands.length);
        }
    }

    static ChannelScale same(int channels, float factor, float summand) {
        float[] factors = new float[channels];
        float[] summands = new float[channels];
        Arrays.fill(factors, factor);
        Arrays.fill(summands, summand);
        return new ChannelScale(factors, summands);
    }
}
