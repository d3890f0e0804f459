package org.transfer4j.internal.image;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.BilinearResize;
import org.transfer4j.internal.pixel.BilinearResize.ResizedPlanes;
import org.transfer4j.internal.pixel.FloatImages.FloatPixels;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.preprocessing.Views;

/**
 * From decoded pixels to the input of a network. Immutable and safe for many threads.
 *
 * <p>8-bit pixels are resized as such. Float pixels are rounded to 8 bits first, so that an array gives what the same
 * image in a file gives; under {@link ImagePreprocessing#none()} they keep their values and are resized as floats.
 */
public final class ImageConverter {
    private static final int RGB = 3;

    private final BilinearResize resize;
    private final ResizedPlanes planes;
    private final boolean keepsValues;

    /** Refuses sizes that are not positive. */
    public ImageConverter(int height, int width, ImagePreprocessing preprocessing) {
        FirstUse.OPENCV.start();
        this.resize = new BilinearResize(height, width);
        this.planes = new ResizedPlanes(resize, preprocessing::sourceChannel, preprocessing::apply);
        this.keepsValues = preprocessing.equals(ImagePreprocessing.none());
    }

    /**
     * Puts the planes of one image, 3 x height x width values, at the target's position, which moves behind them. An
     * image that is refused leaves the target as it was.
     *
     * @param name what errors call the image
     * @throws org.transfer4j.error.ImageException for pixels that are empty, of another type, not finite, outside 0..255
     *     or already scaled
     */
    public void convert(DecodedImage image, String name, FloatBuffer target) {
        requireRoom(target);
        if (image instanceof DecodedImage.Bytes bytes) {
            planes.write(bytes.pixels(), target);
        } else if (image instanceof DecodedImage.Floats floats) {
            convert(floats.pixels(), name, target);
        }
    }

    private void convert(FloatPixels pixels, String name, FloatBuffer target) {
        check(pixels, name);
        if (keepsValues) {
            resize.resize(pixels, target);
        } else {
            planes.write(pixels, target);
        }
    }

    private void check(FloatPixels pixels, String name) {
        if (keepsValues) {
            pixels.requireFinite(name);
        } else {
            pixels.requireEightBit(name);
        }
    }

    /** What is done to an image on its way, resizing included. */
    public interface Change {
        /**
         * Changes and resizes an image.
         *
         * @param pixels 8-bit or float, gray or BGR; not changed
         * @return a new Mat of the same type and of the wanted size, which the caller closes
         */
        Mat apply(Mat pixels, int height, int width);
    }

    /** The same for an image that is changed on its way. */
    public void convert(DecodedImage image, String name, Change change, FloatBuffer target) {
        requireRoom(target);
        if (image instanceof DecodedImage.Bytes bytes) {
            writeChanged(bytes.pixels(), change, target);
        } else if (image instanceof DecodedImage.Floats floats) {
            check(floats.pixels(), name);
            try (Mat mat =
                    keepsValues ? floats.pixels().floats() : floats.pixels().eightBit()) {
                writeChanged(mat, change, target);
            }
        }
    }

    /**
     * The same for one view of an image.
     *
     * @param view its number, from 0, that of the image as it is
     */
    public void convert(DecodedImage image, String name, Views views, int view, FloatBuffer target) {
        if (view == 0) {
            convert(image, name, target);
        } else {
            convert(image, name, (pixels, height, width) -> views.apply(pixels, height, width, view), target);
        }
    }

    private void writeChanged(Mat pixels, Change change, FloatBuffer target) {
        try (Mat changed = change.apply(pixels, resize.height(), resize.width())) {
            if (changed.depth() == opencv_core.CV_32F) {
                write(changed, target);
            } else {
                planes.write(changed, target);
            }
        }
    }

    /** Puts three planes of a Mat of floats, red first, a single one three times. */
    private static void write(Mat pixels, FloatBuffer target) {
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

    private void requireRoom(FloatBuffer target) {
        int length = RGB * resize.height() * resize.width();
        if (target.remaining() < length) {
            throw new IllegalArgumentException(
                    "the target must have room for " + length + " values, has " + target.remaining());
        }
    }
}
