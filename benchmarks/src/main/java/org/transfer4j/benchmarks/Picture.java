package org.transfer4j.benchmarks;

import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Pixels with the texture of a photograph: gradients and noise, so that a JPEG decoder has as much to do as in life. */
final class Picture {
    private static final int JPEG_QUALITY = 90;
    private static final double NOISE = 9;

    private final int height;
    private final int width;
    private final int channels;
    private final byte[] pixels;

    private Picture(int height, int width, int channels, byte[] pixels) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.pixels = pixels;
    }

    static Picture colour(int height, int width, long seed) {
        return of(height, width, 3, seed);
    }

    static Picture gray(int height, int width, long seed) {
        return of(height, width, 1, seed);
    }

    private static Picture of(int height, int width, int channels, long seed) {
        Random random = new Random(seed);
        double phase = 2 * Math.PI * random.nextDouble();
        byte[] pixels = new byte[height * width * channels];
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double waves = Math.sin(phase + row * 7.0 / height) + Math.sin(phase + column * 9.0 / width);
                double noise = NOISE * random.nextGaussian();
                for (int channel = 0; channel < channels; channel++) {
                    double value = 128 + 45 * waves + 10 * channel + noise;
                    pixels[at++] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                }
            }
        }
        return new Picture(height, width, channels, pixels);
    }

    byte[] encoded(String extension) {
        int type = channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3;
        try (Mat image = new Mat(height, width, type);
                BytePointer encoded = new BytePointer();
                IntPointer quality = new IntPointer(opencv_imgcodecs.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)) {
            image.data().put(pixels);
            opencv_imgcodecs.imencode(extension, image, encoded, quality);
            byte[] bytes = new byte[Math.toIntExact(encoded.limit())];
            encoded.get(bytes);
            return bytes;
        }
    }
}
