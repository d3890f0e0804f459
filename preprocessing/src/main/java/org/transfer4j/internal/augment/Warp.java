package org.transfer4j.internal.augment;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * Moves and resizes an image in one go, so that its pixels are interpolated once.
 *
 * <p>What moves by whole pixels is resized as images are that are not augmented at all, and keeps those pixels.
 */
final class Warp {
    /** OpenCV's warps count places in 16 bits. */
    private static final int LONGEST_SIDE = Short.MAX_VALUE - 1;

    private final BilinearResize resize;
    private final int borderMode;

    /** Takes one of OpenCV's border modes; a constant border is zero. */
    Warp(BilinearResize resize, int borderMode) {
        this.resize = resize;
        this.borderMode = borderMode;
    }

    /** Gives a new Mat of the size of the result, which the caller closes. */
    Mat apply(Mat pixels, Geometry geometry) {
        if (geometry.isIdentity()) {
            return resized(pixels);
        }
        AffineMap map = geometry.toSource(resize.height(), resize.width());
        boolean wholePixels = geometry.isWholePixels();
        if (wholePixels || Math.max(pixels.rows(), pixels.cols()) > LONGEST_SIDE) {
            try (Mat resized = resized(pixels)) {
                return warped(resized, map, wholePixels ? opencv_imgproc.INTER_NEAREST : opencv_imgproc.INTER_LINEAR);
            }
        }
        AffineMap scale =
                AffineMap.resize((double) pixels.cols() / resize.width(), (double) pixels.rows() / resize.height());
        return warped(pixels, map.then(scale), opencv_imgproc.INTER_LINEAR);
    }

    private Mat resized(Mat pixels) {
        return pixels.depth() == opencv_core.CV_32F ? resize.resizeFloats(pixels) : resize.resize(pixels);
    }

    private Mat warped(Mat pixels, AffineMap map, int interpolation) {
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
}
