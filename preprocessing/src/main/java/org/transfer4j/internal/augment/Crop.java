package org.transfer4j.internal.augment;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * A rectangle of an image that is taken for the whole, with the image's ratio of height to width; all in parts of its sides.
 *
 * @param x where it begins, from the left
 * @param y where it begins, from the top
 * @param side its length, of height and width alike
 */
public record Crop(double x, double y, double side) {
    /**
     * Cuts it out, with pixels interpolated once.
     *
     * @param pixels 8-bit or float, gray or BGR; not changed
     * @return a new Mat of the same type, which the caller closes
     */
    public Mat apply(Mat pixels, BilinearResize size) {
        BilinearResize.requireEightBitOrFloat(pixels);
        Geometry.Part part = new Geometry.Part(x, y, side, side);
        return new Geometry(part, false, false, 0, 1, 0, 0).apply(pixels, size, opencv_core.BORDER_REFLECT_101);
    }
}
