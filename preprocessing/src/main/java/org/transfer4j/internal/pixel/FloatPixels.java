package org.transfer4j.internal.pixel;

/** Floating-point pixels of one image in the order [channel, row, column]: gray, or red, green and blue. */
public final class FloatPixels {
    private final float[] values;
    private final int channels;
    private final int height;
    private final int width;

    /** Takes the array as it is: the caller may refill it for the next image of the same shape. */
    public FloatPixels(float[] values, int channels, int height, int width) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("an image has 1 or 3 channels, got " + channels);
        }
        if (height < 1 || width < 1 || values.length != (long) channels * height * width) {
            throw new IllegalArgumentException(
                    values.length + " values don't fill " + channels + " x " + height + " x " + width);
        }
        this.values = values;
        this.channels = channels;
        this.height = height;
        this.width = width;
    }

    float[] values() {
        return values;
    }

    int channels() {
        return channels;
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    int planeLength() {
        return height * width;
    }

    /** Where a value is, in words. */
    String position(int index) {
        int inPlane = index % planeLength();
        return "channel " + index / planeLength() + ", row " + inPlane / width + ", column " + inPlane % width;
    }
}
