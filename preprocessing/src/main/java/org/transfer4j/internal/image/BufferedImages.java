package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.natives.FirstUse;

/** From Java's own images to pixels. */
public final class BufferedImages {
    private BufferedImages() {}

    /**
     * Copies the pixels. Gray samples are taken as they are: Java thinks of them as linear light and would brighten
     * them on the way to RGB. Other images go through their colour model to sRGB; alpha is dropped.
     *
     * @param image any image of up to the limit of pixels
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     */
    public static DecodedImage decode(BufferedImage image, ImageOrigin origin) {
        ImageBounds.requirePixels(image.getWidth(), image.getHeight(), origin);
        FirstUse.OPENCV.start();
        return new DecodedImage.Bytes(isGray(image) ? gray(image) : color(image));
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
}
