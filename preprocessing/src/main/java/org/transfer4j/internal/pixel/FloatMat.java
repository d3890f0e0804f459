package org.transfer4j.internal.pixel;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** Floating-point pixels as OpenCV's, whose channels lie beside each other, in the order blue, green, red. */
public final class FloatMat {
    private static final int RGB = 3;

    private FloatMat() {}

    /** Copies pixels; the caller closes the Mat. */
    public static Mat of(FloatPixels pixels) {
        int channels = pixels.channels();
        int length = pixels.planeLength();
        float[] values = pixels.values();
        float[] interleaved = new float[values.length];
        for (int channel = 0; channel < channels; channel++) {
            for (int i = 0; i < length; i++) {
                interleaved[i * channels + channels - 1 - channel] = values[channel * length + i];
            }
        }
        Mat result =
                new Mat(pixels.height(), pixels.width(), channels == 1 ? opencv_core.CV_32FC1 : opencv_core.CV_32FC3);
        new FloatPointer(result.data()).put(interleaved);
        return result;
    }

    /** Puts three planes to the target, red first: a single one three times. The Mat is one that OpenCV allocated. */
    public static void write(Mat pixels, FloatBuffer target) {
        int channels = pixels.channels();
        int length = pixels.rows() * pixels.cols();
        float[] interleaved = new float[channels * length];
        new FloatPointer(pixels.data()).get(interleaved);
        float[] plane = new float[length];
        for (int channel = 0; channel < RGB; channel++) {
            int offset = channels == 1 ? 0 : channels - 1 - channel;
            for (int i = 0; i < length; i++) {
                plane[i] = interleaved[offset + i * channels];
            }
            target.put(plane);
        }
    }
}
