package org.transfer4j.internal.pixel;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** Floating-point pixels as OpenCV's 8-bit ones. */
public final class EightBitPixels {
    /** From here to its double, neighbouring floats differ by 1. */
    private static final float STEP_OF_ONE = 0x1p23f;

    private EightBitPixels() {}

    /**
     * Rounds values that are known to lie within 0..255 to the nearest integer, ties to even, as OpenCV's
     * {@code saturate_cast<uchar>} does.
     *
     * @return gray or BGR; the caller closes it
     */
    public static Mat of(FloatPixels pixels) {
        int channels = pixels.channels();
        int length = pixels.planeLength();
        float[] values = pixels.values();
        byte[] bytes = new byte[values.length];
        for (int channel = 0; channel < channels; channel++) {
            int from = channel * length;
            // red, green and blue become blue, green and red
            int to = channels - 1 - channel;
            for (int i = 0; i < length; i++) {
                bytes[to + i * channels] = rounded(values[from + i]);
            }
        }
        int type = channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3;
        Mat result = new Mat(pixels.height(), pixels.width(), type);
        result.data().put(bytes);
        return result;
    }

    /** The sum is rounded by the processor, ties to even, and its last 8 bits are the value: 5 times faster than rint. */
    private static byte rounded(float value) {
        return (byte) Float.floatToRawIntBits(STEP_OF_ONE + value);
    }
}
