package org.transfer4j.internal.pixel;

/** How the three channels of the output come from red (0), green (1) and blue (2). */
public interface ChannelScaling {
    /** Red, green and blue in this order, values kept. */
    ChannelScaling IDENTITY = new ChannelScaling() {
        @Override
        public int source(int channel) {
            return channel;
        }

        @Override
        public float apply(int channel, float value) {
            return value;
        }
    };

    /** The channel of the image that an output channel is made of. */
    int source(int channel);

    /** What an output channel makes of one value. */
    float apply(int channel, float value);
}
