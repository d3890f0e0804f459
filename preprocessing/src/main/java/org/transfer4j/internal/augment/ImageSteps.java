package org.transfer4j.internal.augment;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.augment.Geometry.Range;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * All that is done to one image, in this order: moved and resized, then brightness and contrast, then erased.
 *
 * @param borderMode OpenCV's, for what comes from outside of the image
 */
public record ImageSteps(Range geometry, int borderMode, ColorJitter color, RandomErasing erasing) {
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
                return pixels.channels() == 1
                        ? mean.get(0)
                        : BLUE * mean.get(0) + GREEN * mean.get(1) + RED * mean.get(2);
            }
        }
    }

    /**
     * Random erasing of Zhong et al. (2017), with their ranges and noise.
     *
     * @param probability that an image loses a rectangle
     */
    public record RandomErasing(double probability) {
        /** Nothing is erased. */
        public static final RandomErasing NONE = new RandomErasing(0);

        private static final double SMALLEST_AREA = 0.02;
        private static final double LARGEST_AREA = 0.4;
        private static final double SMALLEST_ASPECT = 0.3;
        private static final int ATTEMPTS = 100;

        /** Whether nothing is erased. */
        public boolean isNone() {
            return probability == 0;
        }

        /** Perhaps puts noise over a rectangle of 8-bit pixels, gray or BGR. */
        void apply(Mat pixels, RandomGenerator random) {
            if (random.nextDouble() < probability) {
                rectangle(pixels.rows(), pixels.cols(), random).ifPresent(part -> fill(pixels, part, random));
            }
        }

        /** Draws until a rectangle fits, as the paper does; few pixels may leave room for none. */
        static Optional<Rectangle> rectangle(int rows, int columns, RandomGenerator random) {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                double area = random.nextDouble(SMALLEST_AREA, LARGEST_AREA) * rows * columns;
                double aspect = random.nextDouble(SMALLEST_ASPECT, 1 / SMALLEST_ASPECT);
                int height = Math.max(1, (int) Math.rint(Math.sqrt(area * aspect)));
                int width = Math.max(1, (int) Math.rint(Math.sqrt(area / aspect)));
                int top = random.nextInt(rows);
                int left = random.nextInt(columns);
                if (top + height <= rows && left + width <= columns) {
                    return Optional.of(new Rectangle(top, left, height, width));
                }
            }
            return Optional.empty();
        }

        private static void fill(Mat pixels, Rectangle part, RandomGenerator random) {
            byte[] noise = new byte[part.width() * pixels.channels()];
            for (int row = part.top(); row < part.top() + part.height(); row++) {
                random.nextBytes(noise);
                pixels.ptr(row, part.left()).put(noise);
            }
        }
    }

    /**
     * A part of an image.
     *
     * @param top its first row
     * @param left its first column
     * @param height in rows
     * @param width in columns
     */
    public record Rectangle(int top, int left, int height, int width) {}
}
