package org.transfer4j.internal.pixel;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.error.ImageException;

/**
 * Floating-point pixels of one image in the order [channel, row, column], gray, or red, green and blue: what they must look
 * like, and how OpenCV has them, its channels beside each other in the order blue, green, red.
 *
 * @param values not copied: the caller may refill the array for the next image of the same shape
 * @param channels 1 or 3
 * @param height rows
 * @param width columns
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record FloatPixels(float[] values, int channels, int height, int width) {
    private static final float LARGEST = 255f;

    /** From here to its double, neighbouring floats differ by 1. */
    private static final float STEP_OF_ONE = 0x1p23f;

    /** Refuses other shapes, and arrays that don't have them. */
    public FloatPixels {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("an image has 1 or 3 channels, got " + channels);
        }
        if (height < 1 || width < 1 || values.length != (long) channels * height * width) {
            throw new IllegalArgumentException(
                    values.length + " values don't fill " + channels + " x " + height + " x " + width);
        }
    }

    /**
     * Refuses pixels that are not 8-bit values in floating point: NaN, infinite, outside 0..255, or fractional and all
     * within 0..1, which is how an image looks that was scaled already.
     *
     * @param image how the message calls the image, such as "image 17"
     */
    public void requireEightBit(String image) {
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= LARGEST)) {
                throw notEightBit(i, image);
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
            throw alreadyScaled(fractional, image);
        }
    }

    /**
     * Refuses pixels that are NaN or infinite.
     *
     * @param image how the message calls the image, such as "image 17"
     */
    public void requireFinite(String image) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw refused(i, image, "is not a finite number");
            }
        }
    }

    private ImageException notEightBit(int index, String image) {
        return Float.isFinite(values[index])
                ? refused(
                        index,
                        image,
                        "is outside 0..255; values that need no scaling are kept by ImagePreprocessing.none()")
                : refused(index, image, "is not a finite number");
    }

    private ImageException alreadyScaled(int index, String image) {
        return new ImageException(
                null,
                image + ": pixels must be 0..255, but all values lie within 0..1 and "
                        + values[index] + " (" + position(index)
                        + ") is fractional, so the image seems to be scaled already; multiply it by 255, or keep its"
                        + " values with ImagePreprocessing.none()");
    }

    private ImageException refused(int index, String image, String rule) {
        return new ImageException(null, image + ": pixel " + values[index] + " (" + position(index) + ") " + rule);
    }

    /**
     * The pixels as OpenCV's 8-bit ones: values that are known to lie within 0..255 are rounded to the nearest integer, ties to
     * even, as its {@code saturate_cast<uchar>} does.
     *
     * @return gray or BGR; the caller closes it
     */
    public Mat eightBit() {
        byte[] bytes = new byte[values.length];
        for (int channel = 0; channel < channels; channel++) {
            int from = channel * planeLength();
            // red, green and blue become blue, green and red
            int to = channels - 1 - channel;
            for (int i = 0; i < planeLength(); i++) {
                bytes[to + i * channels] = rounded(values[from + i]);
            }
        }
        Mat result = new Mat(height, width, channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3);
        result.data().put(bytes);
        return result;
    }

    /** The sum is rounded by the processor, ties to even, and its last 8 bits are the value: 5 times faster than rint. */
    private static byte rounded(float value) {
        return (byte) Float.floatToRawIntBits(STEP_OF_ONE + value);
    }

    /** The pixels as OpenCV's floats, gray or BGR; the caller closes the Mat. */
    public Mat floats() {
        float[] interleaved = new float[values.length];
        for (int channel = 0; channel < channels; channel++) {
            int from = channel * planeLength();
            int to = channels - 1 - channel;
            for (int i = 0; i < planeLength(); i++) {
                interleaved[to + i * channels] = values[from + i];
            }
        }
        Mat result = new Mat(height, width, channels == 1 ? opencv_core.CV_32FC1 : opencv_core.CV_32FC3);
        new FloatPointer(result.data()).put(interleaved);
        return result;
    }

    int planeLength() {
        return height * width;
    }

    /** Where a value is, in words. */
    private String position(int index) {
        int inPlane = index % planeLength();
        return "channel " + index / planeLength() + ", row " + inPlane / width + ", column " + inPlane % width;
    }
}
