package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * How much brightness and contrast may change.
 *
 * @param brightness at most this part of it, up or down
 * @param contrast at most this part of it, up or down
 */
public record ColorJitter(double brightness, double contrast) {
    /** Nothing changes. */
    public static final ColorJitter NONE = new ColorJitter(0, 0);

    private static final double RED = 0.299;
    private static final double GREEN = 0.587;
    private static final double BLUE = 0.114;

    /** Whether nothing changes. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** Changes 8-bit pixels, gray or BGR, where they are. */
    void apply(Mat pixels, RandomGenerator random) {
        double brighter = ImageSteps.uniform(random, 1 - brightness, 1 + brightness);
        double sharper = ImageSteps.uniform(random, 1 - contrast, 1 + contrast);
        adjust(pixels, brighter, sharper);
    }

    /** Every v becomes b (m + c (v - m)), m the mean luminance, rounded and limited to 0..255. */
    static void adjust(Mat pixels, double brightness, double contrast) {
        double luminance = contrast == 1 ? 0 : luminance(pixels);
        pixels.convertTo(pixels, -1, brightness * contrast, brightness * luminance * (1 - contrast));
    }

    private static double luminance(Mat pixels) {
        try (Scalar mean = opencv_core.mean(pixels)) {
            return pixels.channels() == 1 ? mean.get(0) : BLUE * mean.get(0) + GREEN * mean.get(1) + RED * mean.get(2);
        }
    }
}
