package org.transfer4j.internal.pixel;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.natives.FirstUse;

/**
 * The images of an array [N, C, H, W] or [C, H, W] as float32 in C order, copied in and out one at a time: a call of ND4J for every
 * pixel, or even every image, would cost more than the work on it.
 */
public final class FloatImages {
    private static final int RGB = 3;

    private final INDArray array;
    private final FloatPointer first;
    private final long count;
    private final int channels;
    private final int height;
    private final int width;

    private FloatImages(INDArray array) {
        this.array = array;
        this.first = (FloatPointer) array.data().addressPointer();
        this.count = array.rank() == 4 ? array.size(0) : 1;
        this.channels = Math.toIntExact(array.size(-3));
        this.height = Math.toIntExact(array.size(-2));
        this.width = Math.toIntExact(array.size(-1));
    }

    /**
     * The images of an array of numbers of any type, order and stride, which is only read, and copied where it is not
     * float32 in C order.
     *
     * @param images [N, 1 or 3, H, W], N at least 1
     */
    public static FloatImages of(INDArray images) {
        return of(images, 4, "images must be [N, 1 or 3, H, W] with N, H and W at least 1");
    }

    /**
     * Copies a single image.
     *
     * @param image [1 or 3, H, W], of numbers of any type, order and stride
     */
    public static FloatPixels pixels(INDArray image) {
        FloatImages images = of(image, 3, "an image must be [1 or 3, H, W] with H and W at least 1");
        float[] values = new float[images.imageLength()];
        images.read(0, values);
        if (images.array != image && images.array.closeable()) {
            images.array.close();
        }
        return new FloatPixels(values, images.channels, images.height, images.width);
    }

    private static FloatImages of(INDArray images, int rank, String rule) {
        requireNumbers(images);
        if (images.rank() != rank || images.isEmpty() || (images.size(-3) != 1 && images.size(-3) != 3)) {
            throw new IllegalArgumentException(rule + ", got " + shapeOf(images));
        }
        if (images.size(-3) * images.size(-2) * images.size(-1) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("one image has more than 2^31 values: " + shapeOf(images));
        }
        INDArray floats = images.castTo(DataType.FLOAT);
        return new FloatImages(isContiguous(floats) ? floats : floats.dup('c'));
    }

    /** Refuses null, closed arrays (reading one would end the JVM), and text and booleans. */
    public static void requireNumbers(INDArray array) {
        if (array == null) {
            throw new IllegalArgumentException("images must be an array, got null");
        }
        if (array.wasClosed()) {
            throw new IllegalArgumentException("the array of images is closed");
        }
        if (!array.dataType().isNumerical()) {
            throw new IllegalArgumentException("images must be numbers, got an array of " + array.dataType());
        }
    }

    /** The shape of an array in words. */
    public static String shapeOf(INDArray array) {
        return Arrays.toString(array.shape());
    }

    /** What is done to one image. */
    public interface Change {
        /**
         * Changes an image.
         *
         * @param name what errors call it
         * @param planes three of the result's size, to be filled
         */
        void apply(FloatPixels pixels, String name, float[] planes);
    }

    /**
     * Makes three planes of each image.
     *
     * @return a new array [N, 3, height, width]
     */
    public INDArray changed(int resultHeight, int resultWidth, Change change) {
        FirstUse.ND4J.start();
        FloatImages results =
                new FloatImages(Nd4j.createUninitialized(DataType.FLOAT, count, RGB, resultHeight, resultWidth));
        FloatPixels pixels = new FloatPixels(new float[imageLength()], channels, height, width);
        float[] planes = new float[results.imageLength()];
        for (long image = 0; image < count; image++) {
            read(image, pixels.values());
            change.apply(pixels, "image " + image, planes);
            results.write(image, planes);
        }
        return results.array;
    }

    public int channels() {
        return channels;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** Values of one image. */
    private int imageLength() {
        return channels * height * width;
    }

    /** Copies an image to the first {@link #imageLength()} places of a Java array, in the order [C, H, W]. */
    private void read(long image, float[] target) {
        try {
            at(image).get(target, 0, imageLength());
        } finally {
            // the pointer alone doesn't keep ND4J from freeing the memory
            Reference.reachabilityFence(array);
        }
    }

    /** Copies the first {@link #imageLength()} places of a Java array to an image. */
    private void write(long image, float[] source) {
        try {
            at(image).put(source, 0, imageLength());
        } finally {
            // the pointer alone doesn't keep ND4J from freeing the memory
            Reference.reachabilityFence(array);
        }
    }

    private FloatPointer at(long image) {
        if (image < 0 || image >= count) {
            throw new IndexOutOfBoundsException("image " + image + " of " + count);
        }
        return new FloatPointer(first).position(first.position() + image * imageLength());
    }

    private static boolean isContiguous(INDArray array) {
        long stride = 1;
        for (int axis = array.rank() - 1; axis >= 0; axis--) {
            if (array.stride(axis) != stride) {
                return false;
            }
            stride *= array.size(axis);
        }
        return true;
    }

    /**
     * Floating-point pixels of one image in the order [channel, row, column], gray, or red, green and blue: what they must look
     * like, and how OpenCV has them, its channels beside each other in the order blue, green, red.
     *
     * @param values not copied: the caller may refill the array for the next image of the same shape
     * @param channels 1 or 3
     * @param height rows
     * @param width columns
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record FloatPixels(float[] values, int channels, int height, int width) {
        private static final float LARGEST = 255f;

        /** From here to its double, neighbouring floats differ by 1. */
        private static final float STEP_OF_ONE = 0x1p23f;

        /** Refuses other shapes, and arrays that don't have them. */
        public FloatPixels {
            if (channels != 1 && channels != 3) {
                throw new IllegalArgumentException("an image has 1 or 3 channels, got " + channels);
            }
            if (height < 1 || width < 1 || values.length != (long) channels * height * width) {
                throw new IllegalArgumentException(
                        values.length + " values don't fill " + channels + " x " + height + " x " + width);
            }
        }

        /**
         * Refuses pixels that are not 8-bit values in floating point: NaN, infinite, outside 0..255, or fractional and all
         * within 0..1, which is how an image looks that was scaled already.
         *
         * @param image how the message calls the image, such as "image 17"
         */
        public void requireEightBit(String image) {
            for (int i = 0; i < values.length; i++) {
                if (!(values[i] >= 0 && values[i] <= LARGEST)) {
                    throw notEightBit(i, image);
                }
            }
            int fractional = -1;
            for (int i = 0; i < values.length; i++) {
                if (values[i] > 1) {
                    return;
                }
                if (fractional < 0 && values[i] != (int) values[i]) {
                    fractional = i;
                }
            }
            if (fractional >= 0) {
                throw alreadyScaled(fractional, image);
            }
        }

        /**
         * Refuses pixels that are NaN or infinite.
         *
         * @param image how the message calls the image, such as "image 17"
         */
        public void requireFinite(String image) {
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw refused(i, image, "is not a finite number");
                }
            }
        }

        private ImageException notEightBit(int index, String image) {
            return Float.isFinite(values[index])
                    ? refused(
                            index,
                            image,
                            "is outside 0..255; values that need no scaling are kept by ImagePreprocessing.none()")
                    : refused(index, image, "is not a finite number");
        }

        private ImageException alreadyScaled(int index, String image) {
            return new ImageException(
                    null,
                    image + ": pixels must be 0..255, but all values lie within 0..1 and "
                            + values[index] + " (" + position(index)
                            + ") is fractional, so the image seems to be scaled already; multiply it by 255, or keep its"
                            + " values with ImagePreprocessing.none()");
        }

        private ImageException refused(int index, String image, String rule) {
            return new ImageException(null, image + ": pixel " + values[index] + " (" + position(index) + ") " + rule);
        }

        /**
         * The pixels as OpenCV's 8-bit ones: values that are known to lie within 0..255 are rounded to the nearest integer, ties to
         * even, as its {@code saturate_cast<uchar>} does.
         *
         * @return gray or BGR; the caller closes it
         */
        public Mat eightBit() {
            byte[] bytes = new byte[values.length];
            for (int channel = 0; channel < channels; channel++) {
                int from = channel * planeLength();
                // red, green and blue become blue, green and red
                int to = channels - 1 - channel;
                for (int i = 0; i < planeLength(); i++) {
                    bytes[to + i * channels] = rounded(values[from + i]);
                }
            }
            Mat result = new Mat(height, width, channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3);
            result.data().put(bytes);
            return result;
        }

        /** The sum is rounded by the processor, ties to even, and its last 8 bits are the value: 5 times faster than rint. */
        private static byte rounded(float value) {
            return (byte) Float.floatToRawIntBits(STEP_OF_ONE + value);
        }

        /** The pixels as OpenCV's floats, gray or BGR; the caller closes the Mat. */
        public Mat floats() {
            float[] interleaved = new float[values.length];
            for (int channel = 0; channel < channels; channel++) {
                int from = channel * planeLength();
                int to = channels - 1 - channel;
                for (int i = 0; i < planeLength(); i++) {
                    interleaved[to + i * channels] = values[from + i];
                }
            }
            Mat result = new Mat(height, width, channels == 1 ? opencv_core.CV_32FC1 : opencv_core.CV_32FC3);
            new FloatPointer(result.data()).put(interleaved);
            return result;
        }

        int planeLength() {
            return height * width;
        }

        /** Where a value is, in words. */
        private String position(int index) {
            int inPlane = index % planeLength();
            return "channel " + index / planeLength() + ", row " + inPlane / width + ", column " + inPlane % width;
        }
    }
}
