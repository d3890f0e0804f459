package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * How one image is moved: a part of it is taken for the whole, then mirrored, then turned and enlarged about its centre,
 * then shifted.
 *
 * @param part of the image, {@link Part#WHOLE} for all of it
 * @param mirrored left and right change places
 * @param upsideDown top and bottom change places
 * @param degrees counter-clockwise
 * @param zoom above 1 enlarges
 * @param shiftX pixels to the right
 * @param shiftY pixels down
 */
public record Geometry(
        Part part, boolean mirrored, boolean upsideDown, double degrees, double zoom, double shiftX, double shiftY) {
    /** OpenCV's warps count places in 16 bits. */
    private static final int LONGEST_SIDE = Short.MAX_VALUE - 1;

    /**
     * A rectangle in an image, all in parts of its width and height.
     *
     * @param x where it begins, from the left
     * @param y where it begins, from the top
     */
    public record Part(double x, double y, double width, double height) {
        /** All of it. */
        public static final Part WHOLE = new Part(0, 0, 1, 1);

        /**
         * Cuts it out, with pixels interpolated once.
         *
         * @param pixels 8-bit or float, gray or BGR; not changed
         * @return a new Mat of the same type, which the caller closes
         */
        public Mat cutOut(Mat pixels, BilinearResize size) {
            BilinearResize.requireEightBitOrFloat(pixels);
            return new Geometry(this, false, false, 0, 1, 0, 0).apply(pixels, size, opencv_core.BORDER_REFLECT_101);
        }
    }

    /** Whether nothing moves. */
    boolean isIdentity() {
        return !mirrored && !upsideDown && isWholePixels() && shiftX == 0 && shiftY == 0;
    }

    /** Whether pixels fall on pixels, so that nothing is interpolated. */
    boolean isWholePixels() {
        return part.equals(Part.WHOLE)
                && degrees == 0
                && zoom == 1
                && shiftX == Math.rint(shiftX)
                && shiftY == Math.rint(shiftY);
    }

    /** From the places of the result to those of an image of the same size. */
    private AffineMap toSource(int height, int width) {
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        double cosine = Math.cos(Math.toRadians(degrees)) / zoom;
        double sine = Math.sin(Math.toRadians(degrees)) / zoom;
        AffineMap turned = AffineMap.linear(cosine, -sine, sine, cosine);
        AffineMap flipped = AffineMap.linear(mirrored ? -1 : 1, 0, 0, upsideDown ? -1 : 1);
        return AffineMap.shift(-centreX - shiftX, -centreY - shiftY)
                .then(turned)
                .then(flipped)
                .then(AffineMap.shift(centreX, centreY))
                .then(AffineMap.resize(part.width(), part.height()))
                .then(AffineMap.shift(part.x() * width, part.y() * height));
    }

    /**
     * Moves and resizes an image in one go, so that its pixels are interpolated once. What moves by whole pixels is resized as
     * images are that are not augmented at all, and keeps those pixels.
     *
     * @param borderMode OpenCV's; a constant border is zero
     * @return a new Mat of the size of the result, which the caller closes
     */
    Mat apply(Mat pixels, BilinearResize resize, int borderMode) {
        if (isIdentity()) {
            return resize.resizeEightBitOrFloat(pixels);
        }
        AffineMap map = toSource(resize.height(), resize.width());
        boolean wholePixels = isWholePixels();
        if (wholePixels || Math.max(pixels.rows(), pixels.cols()) > LONGEST_SIDE) {
            try (Mat resized = resize.resizeEightBitOrFloat(pixels)) {
                int interpolation = wholePixels ? opencv_imgproc.INTER_NEAREST : opencv_imgproc.INTER_LINEAR;
                return warped(resized, map, resize, interpolation, borderMode);
            }
        }
        AffineMap scale =
                AffineMap.resize((double) pixels.cols() / resize.width(), (double) pixels.rows() / resize.height());
        return warped(pixels, map.then(scale), resize, opencv_imgproc.INTER_LINEAR, borderMode);
    }

    private static Mat warped(Mat pixels, AffineMap map, BilinearResize resize, int interpolation, int borderMode) {
        Mat result = new Mat();
        try (Mat matrix = map.matrix();
                Size size = new Size(resize.width(), resize.height());
                Scalar black = new Scalar(0)) {
            opencv_imgproc.warpAffine(
                    pixels, result, matrix, size, interpolation | opencv_imgproc.WARP_INVERSE_MAP, borderMode, black);
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
        return result;
    }

    /**
     * From one place to another: x' = xx x + xy y + x0, y' = yx x + yy y + y0. Whole numbers are the centres of pixels.
     */
    private record AffineMap(double xx, double xy, double x0, double yx, double yy, double y0) {
        static AffineMap shift(double x, double y) {
            return new AffineMap(1, 0, x, 0, 1, y);
        }

        static AffineMap linear(double xx, double xy, double yx, double yy) {
            return new AffineMap(xx, xy, 0, yx, yy, 0);
        }

        /** Where a pixel of an image of one length lies in that of another, as cv2.resize has it. */
        static AffineMap resize(double scaleX, double scaleY) {
            return new AffineMap(scaleX, 0, (scaleX - 1) / 2, 0, scaleY, (scaleY - 1) / 2);
        }

        /** This map first, then the other. */
        AffineMap then(AffineMap next) {
            return new AffineMap(
                    next.xx * xx + next.xy * yx,
                    next.xx * xy + next.xy * yy,
                    next.xx * x0 + next.xy * y0 + next.x0,
                    next.yx * xx + next.yy * yx,
                    next.yx * xy + next.yy * yy,
                    next.yx * x0 + next.yy * y0 + next.y0);
        }

        /** As OpenCV takes it; the caller closes it. */
        Mat matrix() {
            Mat matrix = new Mat(2, 3, opencv_core.CV_64FC1);
            new DoublePointer(matrix.data()).put(xx, xy, x0, yx, yy, y0);
            return matrix;
        }
    }

    /**
     * How far images may be moved.
     *
     * @param smallestArea a part of at least so much of the image's area is taken for the whole; 1 for none
     * @param horizontalFlip whether half of them are mirrored
     * @param verticalFlip whether half of them stand on their heads
     * @param degrees turned by at most so much, either way
     * @param translation shifted by at most this part of height and width, either way
     * @param smallestZoom of the range of zoom factors
     * @param largestZoom of the range of zoom factors
     * @param padding shifted by at most so many whole pixels, either way
     */
    public record Range(
            double smallestArea,
            boolean horizontalFlip,
            boolean verticalFlip,
            double degrees,
            double translation,
            double smallestZoom,
            double largestZoom,
            int padding) {
        /** Nothing moves. */
        public static final Range NONE = new Range(1, false, false, 0, 0, 1, 1, 0);

        /** Of a part of the image, height to width are at most so much (as torchvision has it). */
        private static final double LARGEST_RATIO = 4.0 / 3;

        private static final int TRIES = 10;

        /** Another smallest area. */
        public Range withSmallestArea(double fraction) {
            return new Range(
                    fraction, horizontalFlip, verticalFlip, degrees, translation, smallestZoom, largestZoom, padding);
        }

        /** Another choice of horizontal flips. */
        public Range withHorizontalFlip() {
            return new Range(
                    smallestArea, true, verticalFlip, degrees, translation, smallestZoom, largestZoom, padding);
        }

        /** Another choice of vertical flips. */
        public Range withVerticalFlip() {
            return new Range(
                    smallestArea, horizontalFlip, true, degrees, translation, smallestZoom, largestZoom, padding);
        }

        /** Another rotation. */
        public Range withDegrees(double most) {
            return new Range(
                    smallestArea, horizontalFlip, verticalFlip, most, translation, smallestZoom, largestZoom, padding);
        }

        /** Another translation. */
        public Range withTranslation(double most) {
            return new Range(
                    smallestArea, horizontalFlip, verticalFlip, degrees, most, smallestZoom, largestZoom, padding);
        }

        /** Another zoom. */
        public Range withZoom(double smallest, double largest) {
            return new Range(
                    smallestArea, horizontalFlip, verticalFlip, degrees, translation, smallest, largest, padding);
        }

        /** Another padding. */
        public Range withPadding(int pixels) {
            return new Range(
                    smallestArea,
                    horizontalFlip,
                    verticalFlip,
                    degrees,
                    translation,
                    smallestZoom,
                    largestZoom,
                    pixels);
        }

        /** Draws for an image of that width to height; shifts are in pixels of the result, which has the other two. */
        Geometry draw(RandomGenerator random, double imageRatio, int height, int width) {
            Geometry.Part part = smallestArea < 1 ? drawPart(random, imageRatio) : Geometry.Part.WHOLE;
            boolean mirrored = horizontalFlip && random.nextBoolean();
            boolean upsideDown = verticalFlip && random.nextBoolean();
            double turned = ImageSteps.uniform(random, -degrees, degrees);
            double zoom = ImageSteps.uniform(random, smallestZoom, largestZoom);
            double shiftX = ImageSteps.uniform(random, -translation, translation) * width;
            double shiftY = ImageSteps.uniform(random, -translation, translation) * height;
            if (padding > 0) {
                shiftX += random.nextInt(-padding, padding + 1);
                shiftY += random.nextInt(-padding, padding + 1);
            }
            return new Geometry(part, mirrored, upsideDown, turned, zoom, shiftX, shiftY);
        }

        private Geometry.Part drawPart(RandomGenerator random, double imageRatio) {
            double spread = Math.log(LARGEST_RATIO);
            for (int i = 0; i < TRIES; i++) {
                double area = ImageSteps.uniform(random, smallestArea, 1);
                double ratio = Math.exp(ImageSteps.uniform(random, -spread, spread));
                double partWidth = Math.sqrt(area * ratio / imageRatio);
                double partHeight = Math.sqrt(area / ratio * imageRatio);
                if (partWidth <= 1 && partHeight <= 1) {
                    return new Geometry.Part(
                            ImageSteps.uniform(random, 0, 1 - partWidth),
                            ImageSteps.uniform(random, 0, 1 - partHeight),
                            partWidth,
                            partHeight);
                }
            }
            // a long strip: the largest part in its middle that is not too long itself
            double partWidth = Math.min(1, LARGEST_RATIO / imageRatio);
            double partHeight = Math.min(1, LARGEST_RATIO * imageRatio);
            return new Geometry.Part((1 - partWidth) / 2, (1 - partHeight) / 2, partWidth, partHeight);
        }
    }
}
