package org.transfer4j.internal.pixel;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.pixel.FloatImages.FloatPixels;

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

    /**
     * From 8-bit pixels of any size to three float planes of one size: resized as bytes, then looked up in a table of the
     * 256 possible outputs of each channel.
     *
     * <p>Immutable and safe for many threads: scratch memory lives for one call and is released by it, which costs 2 to 3
     * microseconds an image; scratch of each thread would outlive the work.
     */
    public static final class ResizedPlanes {
        private static final int RGB = 3;
        private static final int BYTE_VALUES = 256;

        private final BilinearResize resize;
        private final int[] sources;
        private final float[][] tables;

        /** What an output channel makes of one value. */
        public interface Scaling {
            /** Of the channel's number, 0 to 2. */
            float apply(int channel, float value);
        }

        /**
         * @param resize to which size
         * @param source from which channel of the image, red (0), green (1) or blue (2), each of the three of the output comes
         */
        public ResizedPlanes(BilinearResize resize, IntUnaryOperator source, Scaling scaling) {
            this.resize = resize;
            this.sources = IntStream.range(0, RGB).map(source).toArray();
            this.tables = IntStream.range(0, RGB)
                    .mapToObj(channel -> table(scaling, channel))
                    .toArray(float[][]::new);
        }

        /**
         * Rounds float pixels to 8 bits, resizes them and puts three planes at the target's position.
         *
         * @param pixels within 0..255
         */
        public void write(FloatPixels pixels, FloatBuffer target) {
            try (Mat bytes = pixels.eightBit()) {
                write(bytes, target);
            }
        }

        /**
         * Resizes 8-bit pixels and puts three planes at the target's position.
         *
         * @param pixels gray or BGR
         */
        public void write(Mat pixels, FloatBuffer target) {
            byte[] bytes;
            int channels;
            try (Mat resized = resize.resize(pixels)) {
                channels = resized.channels();
                bytes = new byte[channels * resize.height() * resize.width()];
                resized.data().get(bytes);
            }
            float[] plane = new float[resize.height() * resize.width()];
            for (int output = 0; output < RGB; output++) {
                // the Mat holds blue first, a source counts from red
                int offset = channels == 1 ? 0 : channels - 1 - sources[output];
                lookUp(bytes, offset, channels, tables[output], plane);
                target.put(plane);
            }
        }

        private static void lookUp(byte[] bytes, int offset, int step, float[] table, float[] plane) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = table[bytes[offset + i * step] & 0xFF];
            }
        }

        private static float[] table(Scaling scaling, int channel) {
            float[] table = new float[BYTE_VALUES];
            for (int value = 0; value < BYTE_VALUES; value++) {
                table[value] = scaling.apply(channel, value);
            }
            return table;
        }
    }
}
