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
}
