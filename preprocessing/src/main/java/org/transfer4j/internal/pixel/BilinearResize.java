package org.transfer4j.internal.pixel;

import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.transfer4j.error.ImageException;

/**
 * cv2.resize with INTER_LINEAR, by OpenCV itself.
 *
 * <p>OpenCV splits a result among its own threads from about 100,000 pixels on (one stripe for every 65,536): at 224 x
 * 224 and below, a resize stays on the thread that asked for it, and callers that work on many images at once don't
 * oversubscribe the processor. The number of its threads is a setting of the whole process and belongs to the
 * application; rows are computed apart from each other, so it has no bearing on the pixels.
 *
 * @param height rows of the result
 * @param width columns of the result
 */
public record BilinearResize(int height, int width) {
    private static final int RGB = 3;

    /** What OpenCV calls its types, by number. */
    private static final List<String> DEPTHS =
            List.of("CV_8U", "CV_8S", "CV_16U", "CV_16S", "CV_32S", "CV_32F", "CV_64F", "CV_16F");

    /** Refuses sizes that are not positive or whose three planes don't fit into one Java array. */
    public BilinearResize {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("height and width must be at least 1, got " + height + " x " + width);
        }
        if (height > Integer.MAX_VALUE / RGB / width) {
            throw new IllegalArgumentException("three planes of " + height + " x " + width + " exceed 2^31 values");
        }
    }

    /** Resizes 8-bit pixels, gray or three channels, to a new Mat that the caller closes. */
    public Mat resize(Mat pixels) {
        requireEightBit(pixels);
        return resized(pixels);
    }

    /** Resizes 8-bit or float pixels, gray or three channels, to a new Mat that the caller closes. */
    public Mat resizeEightBitOrFloat(Mat pixels) {
        requireEightBitOrFloat(pixels);
        return resized(pixels);
    }

    /** Resizes each plane as float32 and puts three planes to the target: a single one three times. */
    public void resize(FloatPixels pixels, FloatBuffer target) {
        float[] resized = new float[height * width];
        try (Mat source = new Mat(pixels.height(), pixels.width(), opencv_core.CV_32FC1)) {
            for (int channel = 0; channel < RGB; channel++) {
                if (channel < pixels.channels()) {
                    plane(pixels, channel, source, resized);
                }
                target.put(resized);
            }
        }
    }

    private void plane(FloatPixels pixels, int channel, Mat source, float[] resized) {
        int length = pixels.planeLength();
        new FloatPointer(source.data()).put(pixels.values(), channel * length, length);
        try (Mat result = resized(source)) {
            new FloatPointer(result.data()).get(resized);
        }
    }

    private Mat resized(Mat pixels) {
        Mat result = new Mat();
        try (Size size = new Size(width, height)) {
            opencv_imgproc.resize(pixels, result, size, 0, 0, opencv_imgproc.INTER_LINEAR);
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
        return result;
    }

    /** Refuses what is neither 8-bit nor float, of one or three channels. */
    public static void requireEightBitOrFloat(Mat pixels) {
        if (pixels != null && !pixels.isNull() && pixels.depth() == opencv_core.CV_32F) {
            requireFloat(pixels);
        } else {
            requireEightBit(pixels);
        }
    }

    private static void requireFloat(Mat pixels) {
        requireImage(pixels);
        int type = pixels.type();
        if (type != opencv_core.CV_32FC1 && type != opencv_core.CV_32FC3) {
            throw new ImageException(
                    null,
                    "float pixels must have 1 or 3 channels, got " + pixels.channels() + " of "
                            + DEPTHS.get(pixels.depth()));
        }
    }

    private static void requireEightBit(Mat pixels) {
        requireImage(pixels);
        int type = pixels.type();
        if (type != opencv_core.CV_8UC1 && type != opencv_core.CV_8UC3) {
            throw new ImageException(
                    null,
                    "the Mat must hold 8-bit gray or BGR pixels (CV_8UC1 or CV_8UC3), got " + DEPTHS.get(pixels.depth())
                            + " of " + pixels.channels() + " channels");
        }
    }

    private static void requireImage(Mat pixels) {
        if (pixels == null || pixels.isNull()) {
            throw new IllegalArgumentException("the Mat is null or closed");
        }
        if (pixels.dims() != 2 || pixels.empty()) {
            throw new ImageException(
                    null,
                    "the Mat holds no image of two dimensions: imread gives an empty one for a file that it can't read");
        }
    }
}
