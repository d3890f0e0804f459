package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * All that is done to one image, in this order: moved and resized, then brightness and contrast, then erased.
 *
 * @param borderMode OpenCV's, for what comes from outside of the image
 */
public record ImageSteps(GeometryRange geometry, int borderMode, ColorJitter color, RandomErasing erasing) {
    /**
     * Augments an image.
     *
     * @param pixels 8-bit or float, gray or BGR; not changed
     * @param size of the result
     * @return a new Mat of the same type, which the caller closes
     * @throws ImageException for float pixels where brightness, contrast or erasing must know their range
     */
    public Mat apply(Mat pixels, BilinearResize size, RandomGenerator random) {
        BilinearResize.requireEightBitOrFloat(pixels);
        requireKnownRange(pixels);
        Geometry drawn = geometry.draw(random, (double) pixels.cols() / pixels.rows(), size.height(), size.width());
        Mat result = drawn.apply(pixels, size, borderMode);
        try {
            if (!color.isNone()) {
                color.apply(result, random);
            }
            if (!erasing.isNone()) {
                erasing.apply(result, random);
            }
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
        return result;
    }

    private void requireKnownRange(Mat pixels) {
        if (pixels.depth() == opencv_core.CV_32F && !(color.isNone() && erasing.isNone())) {
            throw new ImageException(
                    null,
                    "brightness, contrast and randomErasing need pixels of 0..255, but arrays of any values are kept as"
                            + " they are under ImagePreprocessing.none(); leave these steps out, or choose another"
                            + " preprocessing");
        }
    }

    /** A random number of a range that may be a single one: then nothing is taken from the generator. */
    static double uniform(RandomGenerator random, double from, double to) {
        return from < to ? random.nextDouble(from, to) : from;
    }
}
