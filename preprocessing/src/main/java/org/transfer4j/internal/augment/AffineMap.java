package org.transfer4j.internal.augment;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * From one place to another: x' = xx x + xy y + x0, y' = yx x + yy y + y0. Whole numbers are the centres of pixels.
 */
record AffineMap(double xx, double xy, double x0, double yx, double yy, double y0) {
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
