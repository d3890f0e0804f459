package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.util.Arrays;
import org.bytedeco.opencv.opencv_core.Mat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.FloatImages;
import org.transfer4j.internal.pixel.FloatImages.FloatPixels;

/** The pixels of one image before preprocessing. Whoever holds it owns the native memory and closes it. */
public sealed interface DecodedImage extends AutoCloseable {
    /**
     * Copies one image out of an array of any number type.
     *
     * @param image [C, H, W] or [1, C, H, W], one channel or three in the order R, G, B
     * @param origin its name in errors
     * @return its pixels as floats, the values unchanged, to be closed by the caller
     * @throws IllegalArgumentException if the shape is another
     */
    static Floats of(INDArray image, ImageOrigin origin) {
        long[] shape = image.shape();
        int rank = shape.length;
        boolean single = rank == 3 || (rank == 4 && shape[0] == 1);
        if (!single || (shape[rank - 3] != 1 && shape[rank - 3] != 3) || image.length() == 0) {
            throw new IllegalArgumentException(
                    origin + ": an image must be [C, H, W] or [1, C, H, W] with 1 or 3 channels, but has the shape "
                            + Arrays.toString(shape));
        }
        origin.requirePixels(shape[rank - 1], shape[rank - 2]);
        return new Floats(image.reshape(shape[rank - 3], shape[rank - 2], shape[rank - 1]));
    }

    /**
     * Copies the pixels. Gray samples are taken as they are: Java thinks of them as linear light and would brighten
     * them on the way to RGB. Other images go through their colour model to sRGB; alpha is dropped.
     *
     * @param image any image of up to the limit of pixels
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     */
    static DecodedImage of(BufferedImage image, ImageOrigin origin) {
        origin.requirePixels(image.getWidth(), image.getHeight());
        FirstUse.OPENCV.start();
        return new Bytes(isGray(image) ? gray(image) : color(image));
    }

    private static boolean isGray(BufferedImage image) {
        ColorModel model = image.getColorModel();
        int kind = image.getRaster().getTransferType();
        return model instanceof ComponentColorModel
                && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && (kind == DataBuffer.TYPE_BYTE || kind == DataBuffer.TYPE_USHORT);
    }

    private static Mat gray(BufferedImage image) {
        Raster raster = image.getRaster();
        int excessBits = Math.max(0, image.getColorModel().getComponentSize(0) - 8);
        int width = image.getWidth();
        int[] samples = new int[width];
        byte[] row = new byte[width];
        Mat pixels = new Mat(image.getHeight(), width, CV_8UC1);
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, samples);
            for (int x = 0; x < width; x++) {
                row[x] = (byte) (samples[x] >> excessBits);
            }
            pixels.ptr(y).put(row);
        }
        return pixels;
    }

    private static Mat color(BufferedImage image) {
        int width = image.getWidth();
        int[] colors = new int[width];
        byte[] row = new byte[3 * width];
        Mat pixels = new Mat(image.getHeight(), width, CV_8UC3);
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, colors, 0, width);
            for (int x = 0; x < width; x++) {
                row[3 * x] = (byte) colors[x];
                row[3 * x + 1] = (byte) (colors[x] >> 8);
                row[3 * x + 2] = (byte) (colors[x] >> 16);
            }
            pixels.ptr(y).put(row);
        }
        return pixels;
    }

    /** Copies the pixels into an array [1, C, H, W], float, one channel or three in the order R, G, B; they stay open. */
    INDArray toArray();

    /** Copies the pixels into a picture of Java's; of other values what is within 0..255. They stay open. */
    BufferedImage toPicture();

    /** Releases the native memory; the pixels may not be used after it. */
    @Override
    void close();

    /**
     * Eight bits a channel, as OpenCV decodes them.
     *
     * @param pixels height x width, uint8, one channel (gray) or three in the order B, G, R
     * @param giveBack gives their share of the decoders' memory back; may be run twice
     */
    record Bytes(Mat pixels, Runnable giveBack) implements DecodedImage {
        /**
         * Pixels that were not decoded, and so have no share in the decoders' memory.
         *
         * @param pixels as above
         */
        public Bytes(Mat pixels) {
            this(pixels, () -> {});
        }

        @Override
        public INDArray toArray() {
            int channels = pixels.channels();
            int height = pixels.rows();
            int width = pixels.cols();
            byte[] row = new byte[channels * width];
            float[] planes = new float[channels * height * width];
            for (int y = 0; y < height; y++) {
                pixels.ptr(y).get(row);
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++) {
                        // stored as B, G, R
                        planes[((channels - 1 - c) * height + y) * width + x] = row[channels * x + c] & 0xFF;
                    }
                }
            }
            FirstUse.ND4J.start();
            return Nd4j.create(planes, new long[] {1, channels, height, width}, 'c');
        }

        @Override
        public BufferedImage toPicture() {
            // Java would take gray samples for linear light, and brighten them
            int channels = pixels.channels();
            int width = pixels.cols();
            BufferedImage picture = new BufferedImage(width, pixels.rows(), BufferedImage.TYPE_3BYTE_BGR);
            byte[] bytes = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
            byte[] row = new byte[channels * width];
            for (int y = 0; y < pixels.rows(); y++) {
                pixels.ptr(y).get(row);
                for (int i = 0; i < 3 * width; i++) {
                    bytes[3 * y * width + i] = row[channels == 1 ? i / 3 : i];
                }
            }
            return picture;
        }

        @Override
        public void close() {
            pixels.close();
            giveBack.run();
        }
    }

    /** Floating-point pixels from an array, in Java's own memory. */
    record Floats(FloatPixels pixels) implements DecodedImage {
        /**
         * Copies pixels.
         *
         * @param image [C, H, W] of any number type, one channel or three in the order R, G, B
         */
        public Floats(INDArray image) {
            this(FloatImages.pixels(image));
        }

        @Override
        public INDArray toArray() {
            FirstUse.ND4J.start();
            return Nd4j.create(
                    pixels.values(), new long[] {1, pixels.channels(), pixels.height(), pixels.width()}, 'c');
        }

        @Override
        public BufferedImage toPicture() {
            int plane = pixels.height() * pixels.width();
            BufferedImage picture = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_3BYTE_BGR);
            for (int i = 0; i < plane; i++) {
                int colour = 0;
                for (int c = 0; c < 3; c++) {
                    float value = pixels.values()[Math.min(c, pixels.channels() - 1) * plane + i];
                    colour = colour << 8 | Math.round(Math.min(Math.max(value, 0), 255));
                }
                picture.setRGB(i % pixels.width(), i / pixels.width(), colour);
            }
            return picture;
        }

        @Override
        public void close() {
            // nothing native is held
        }
    }
}
