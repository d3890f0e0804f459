package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.image.TestImages;

/** 8-bit pixels in and out of Mats. */
public final class Pixels {
    private Pixels() {}

    public static Mat gray(int height, int width, int... values) {
        return TestImages.mat(height, width, 1, false, values);
    }

    /** Noise, gray or BGR. */
    public static Mat noise(int height, int width, int channels, RandomGenerator random) {
        return TestImages.mat(
                height,
                width,
                channels,
                false,
                random.ints((long) height * width * channels, 0, 256).toArray());
    }

    /** All values, row by row, the channels beside each other. */
    public static int[] of(Mat pixels) {
        byte[] bytes = new byte[pixels.channels() * pixels.rows() * pixels.cols()];
        pixels.data().get(bytes);
        int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] & 0xFF;
        }
        return values;
    }
}
