package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.CV_16U;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_MAKETYPE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/** Encoded images for the tests, made in code. */
public final class TestImages {
    private TestImages() {}

    /** A gray PNG whose pixel at row y, column x is (10 y + x) modulo 256. */
    public static byte[] grayPng(int height, int width) {
        return encode(".png", gray(height, width));
    }

    /** A JPEG of one colour, blue, green, red. */
    public static byte[] jpeg(int height, int width, int blue, int green, int red) {
        try (Mat pixels = new Mat(height, width, CV_MAKETYPE(CV_8U, 3), new Scalar(blue, green, red, 0))) {
            return encode(".jpg", pixels);
        }
    }

    public static Mat gray(int height, int width) {
        Mat pixels = new Mat(height, width, CV_MAKETYPE(CV_8U, 1));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                pixels.ptr(y, x).put((byte) (10 * y + x));
            }
        }
        return pixels;
    }

    /** One pixel after the other, the channels in OpenCV's order, 16 bits where deep. */
    public static Mat mat(int height, int width, int channels, boolean deep, int... values) {
        Mat pixels = new Mat(height, width, CV_MAKETYPE(deep ? CV_16U : CV_8U, channels));
        ByteBuffer buffer =
                pixels.data().capacity((long) values.length * (deep ? 2 : 1)).asByteBuffer();
        for (int i = 0; i < values.length; i++) {
            if (deep) {
                buffer.putShort(2 * i, (short) values[i]);
            } else {
                buffer.put(i, (byte) values[i]);
            }
        }
        return pixels;
    }

    public static byte[] encode(String extension, Mat pixels, int... parameters) {
        try (BytePointer buffer = new BytePointer();
                IntPointer options = new IntPointer(parameters)) {
            if (!imencode(extension, pixels, buffer, options)) {
                throw new IllegalStateException(extension);
            }
            byte[] bytes = new byte[(int) buffer.limit()];
            buffer.get(bytes);
            return bytes;
        }
    }

    /** By Java's own writers, which write kinds that OpenCV does not. */
    public static byte[] encode(String format, BufferedImage image) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            if (!ImageIO.write(image, format, bytes)) {
                throw new IllegalStateException(format);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An EXIF segment with an orientation, and behind it a thumbnail that has an end of image of its own. */
    public static byte[] withExif(byte[] jpeg, int orientation, boolean littleEndian) {
        byte[] thumbnail = HexFormat.of().parseHex("ffd8ffd9");
        ByteBuffer tiff = ByteBuffer.allocate(26);
        tiff.order(littleEndian ? java.nio.ByteOrder.LITTLE_ENDIAN : java.nio.ByteOrder.BIG_ENDIAN);
        tiff.put((littleEndian ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
        tiff.putShort((short) 42).putInt(8);
        tiff.putShort((short) 1);
        tiff.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0);
        tiff.putInt(0);
        byte[] name = {'E', 'x', 'i', 'f', 0, 0};
        int length = 2 + name.length + tiff.capacity() + thumbnail.length;
        ByteBuffer segment = ByteBuffer.allocate(2 + length);
        segment.putShort((short) 0xFFE1).putShort((short) length);
        segment.put(name).put(tiff.array()).put(thumbnail);
        return insert(jpeg, 2, segment.array());
    }

    public static byte[] insert(byte[] bytes, int position, byte... inserted) {
        return ByteBuffer.allocate(bytes.length + inserted.length)
                .put(bytes, 0, position)
                .put(inserted)
                .put(bytes, position, bytes.length - position)
                .array();
    }

    public static byte[] truncated(byte[] bytes, int missing) {
        return Arrays.copyOf(bytes, bytes.length - missing);
    }

    /** The header of a PNG of any size, with a valid checksum, and an empty image behind it. */
    public static byte[] pngHeader(int width, int height) {
        ByteBuffer header = ByteBuffer.allocate(17);
        header.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
        header.put(new byte[] {8, 0, 0, 0, 0});
        java.util.zip.CRC32 checksum = new java.util.zip.CRC32();
        checksum.update(header.array());
        ByteBuffer png = ByteBuffer.allocate(33 + 12);
        png.put(HexFormat.of().parseHex("89504e470d0a1a0a0000000d")).put(header.array());
        png.putInt((int) checksum.getValue()).put(HexFormat.of().parseHex("0000000049454e44ae426082"));
        return png.array();
    }

    /** Images of gray and alpha, for which BufferedImage has no type of its own. */
    static final class GrayAlpha {
        private GrayAlpha() {}

        /** One row, from gray, alpha, gray, alpha. */
        static BufferedImage image(int[] samples) {
            ComponentColorModel model = new ComponentColorModel(
                    ColorSpace.getInstance(ColorSpace.CS_GRAY),
                    true,
                    false,
                    Transparency.TRANSLUCENT,
                    DataBuffer.TYPE_BYTE);
            WritableRaster raster = model.createCompatibleWritableRaster(samples.length / 2, 1);
            raster.setPixels(0, 0, samples.length / 2, 1, samples);
            return new BufferedImage(model, raster, false, null);
        }
    }
}
