package org.transfer4j.internal.pixel;

import org.transfer4j.error.ImageException;

/** What floating-point pixels must look like. */
public final class PixelRange {
    private static final float LARGEST = 255f;

    private PixelRange() {}

    /**
     * Refuses pixels that are not 8-bit values in floating point: NaN, infinite, outside 0..255, or fractional and all
     * within 0..1, which is how an image looks that was scaled already.
     *
     * @param image how the message calls the image, such as "image 17"
     */
    public static void requireEightBit(FloatPixels pixels, String image) {
        float[] values = pixels.values();
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= LARGEST)) {
                throw notEightBit(pixels, i, image);
            }
        }
        int fractional = -1;
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 1) {
                return;
            }
            if (fractional < 0 && values[i] != (int) values[i]) {
                fractional = i;
            }
        }
        if (fractional >= 0) {
            throw alreadyScaled(pixels, fractional, image);
        }
    }

    /**
     * Refuses pixels that are NaN or infinite.
     *
     * @param image how the message calls the image, such as "image 17"
     */
    public static void requireFinite(FloatPixels pixels, String image) {
        float[] values = pixels.values();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw refused(pixels, i, image, "is not a finite number");
            }
        }
    }

    private static ImageException notEightBit(FloatPixels pixels, int index, String image) {
        return Float.isFinite(pixels.values()[index])
                ? refused(
                        pixels,
                        index,
                        image,
                        "is outside 0..255; values that need no scaling are kept by ImagePreprocessing.none()")
                : refused(pixels, index, image, "is not a finite number");
    }

    private static ImageException alreadyScaled(FloatPixels pixels, int index, String image) {
        return new ImageException(
                null,
                image + ": pixels must be 0..255, but all values lie within 0..1 and "
                        + pixels.values()[index] + " (" + pixels.position(index)
                        + ") is fractional, so the image seems to be scaled already; multiply it by 255, or keep its"
                        + " values with ImagePreprocessing.none()");
    }

    private static ImageException refused(FloatPixels pixels, int index, String image, String rule) {
        return new ImageException(
                null, image + ": pixel " + pixels.values()[index] + " (" + pixels.position(index) + ") " + rule);
    }
}
