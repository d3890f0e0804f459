package org.transfer4j.internal.onednn;

/** The shape of one image's activations, without the batch dimension. */
record ImageShape(int channels, int height, int width) {
    ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "channels, height and width must be positive: " + channels + " x " + height + " x " + width);
        }
    }

    boolean isPixel() {
        return height == 1 && width == 1;
    }

    long elements() {
        return (long) channels * height * width;
    }

    long[] withBatch(long batch) {
        return new long[] {batch, channels, height, width};
    }
}
