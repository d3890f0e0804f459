package org.transfer4j.internal.augment;

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
record Geometry(
        Part part, boolean mirrored, boolean upsideDown, double degrees, double zoom, double shiftX, double shiftY) {
    /** OpenCV's warps count places in 16 bits. */
    private static final int LONGEST_SIDE = Short.MAX_VALUE - 1;

    /** A rectangle in an image, all in parts of its width and height. */
    record Part(double x, double y, double width, double height) {
        static final Part WHOLE = new Part(0, 0, 1, 1);
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
}
