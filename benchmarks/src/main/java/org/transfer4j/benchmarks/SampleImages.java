package org.transfer4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.dataset.ImageDataset;

/** Files of images in a temporary folder, two classes, removed when closed. The same in each run. */
final class SampleImages implements AutoCloseable {
    private static final int GRAY_SIDE = 28;

    private final Origin kind;
    private final Path folder;

    private SampleImages(Origin kind, Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    /** Writes as many images as are wanted. */
    static SampleImages write(Origin kind, int count) throws IOException {
        SampleImages samples = new SampleImages(kind, Files.createTempDirectory("transfer4j-images"));
        try {
            samples.write(count);
            return samples;
        } catch (IOException | RuntimeException e) {
            samples.close();
            throw e;
        }
    }

    private void write(int count) throws IOException {
        if (kind == Origin.IDX) {
            writeIdx(count);
            return;
        }
        for (String label : List.of("even", "odd")) {
            Files.createDirectory(folder.resolve(label));
        }
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve(i % 2 == 0 ? "even" : "odd").resolve("image" + i + extension());
            Files.write(file, encoded(kind, i));
        }
    }

    private String extension() {
        return kind == Origin.PNG ? ".png" : ".jpg";
    }

    /** One image as a file holds it. */
    static byte[] encoded(Origin kind, long seed) {
        return switch (kind) {
            case PHOTOS -> Picture.colour(375, 500, seed).encoded(".jpg");
            case JPEG -> Picture.colour(32, 32, seed).encoded(".jpg");
            case PNG -> Picture.gray(GRAY_SIDE, GRAY_SIDE, seed).encoded(".png");
            case MEMORY, IDX -> throw new IllegalArgumentException(kind + " has no file for each image");
        };
    }

    /** The format of MNIST: magic number, sizes, one byte a pixel. */
    private void writeIdx(int count) throws IOException {
        int length = GRAY_SIDE * GRAY_SIDE;
        ByteBuffer images = ByteBuffer.allocate(16 + count * length)
                .putInt(0x803)
                .putInt(count)
                .putInt(GRAY_SIDE)
                .putInt(GRAY_SIDE);
        ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
        Random random = new Random(1);
        byte[] pixels = new byte[length];
        for (int i = 0; i < count; i++) {
            random.nextBytes(pixels);
            images.put(pixels);
            labels.put((byte) (i % 2));
        }
        Files.write(folder.resolve("images"), images.array());
        Files.write(folder.resolve("labels"), labels.array());
    }

    /** The dataset as an application opens it. */
    ImageDataset open() {
        return kind == Origin.IDX
                ? ImageDataset.idx(folder.resolve("images"), folder.resolve("labels"))
                : ImageDataset.folder(folder);
    }

    /** The size of all files. */
    long bytes() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the images of a measurement come from. */
    enum Origin {
        /** Arrays that are preprocessed already. */
        MEMORY,
        /** Colour JPEGs of 500x375, quality 90, about 80 kB each: what a camera's pictures are on a web page. */
        PHOTOS,
        /** Colour JPEGs of 32x32. */
        JPEG,
        /** Gray PNGs of 28x28. */
        PNG,
        /** Gray images of 28x28, all in one IDX file. */
        IDX
    }

    /** Pixels with the texture of a photograph: gradients and noise, so that a JPEG decoder has as much to do as in life. */
    private static final class Picture {
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
}
