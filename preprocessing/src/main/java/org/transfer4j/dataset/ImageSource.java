package org.transfer4j.dataset;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.FloatImages.FloatPixels;
import org.transfer4j.preprocessing.ImageLimits;

/** Where the images of a dataset come from, in the order they were found. Safe for use by several threads. */
interface ImageSource {
    int size();

    /** Decodes an image; the caller closes it. */
    DecodedImage decode(int index);

    ImageOrigin origin(int index);

    /** SHA-256 of what the image is made of, whatever it is called and wherever it stands. */
    byte[] contentDigest(int index) throws IOException;

    /** One file for each image. */
    record FileList(List<LabelledFile> files) implements ImageSource {
        @Override
        public int size() {
            return files.size();
        }

        @Override
        public DecodedImage decode(int index) {
            return ImageDecoder.decode(files.get(index).file());
        }

        @Override
        public byte[] contentDigest(int index) throws IOException {
            return Interruption.deferred(() -> {
                try (InputStream stream = Files.newInputStream(files.get(index).file())) {
                    return encodedDigest(stream);
                }
            });
        }

        @Override
        public ImageOrigin origin(int index) {
            return ImageOrigin.file(files.get(index).file());
        }
    }

    /** Images from the caller's own streams. */
    record Encoded(List<EncodedImage> images) implements ImageSource {
        @Override
        public int size() {
            return images.size();
        }

        @Override
        public DecodedImage decode(int index) {
            return ImageDecoder.decode(images.get(index)::open, origin(index));
        }

        @Override
        public byte[] contentDigest(int index) throws IOException {
            try (InputStream stream = images.get(index).open()) {
                return encodedDigest(stream);
            }
        }

        @Override
        public ImageOrigin origin(int index) {
            return ImageOrigin.named(images.get(index).name());
        }
    }

    /**
     * Gray images of one size, held as they are stored: one byte a pixel.
     *
     * @param file the file they come from, or null
     * @param blocks the pixels, perBlock images in each block but the last
     */
    record Gray(@Nullable Path file, int size, int height, int width, int perBlock, List<byte[]> blocks)
            implements ImageSource {
        @Override
        public DecodedImage decode(int index) {
            int length = height * width;
            FirstUse.OPENCV.start();
            Mat pixels = new Mat(height, width, CV_8UC1);
            pixels.data().put(blocks.get(index / perBlock), index % perBlock * length, length);
            return new DecodedImage.Bytes(pixels);
        }

        @Override
        public byte[] contentDigest(int index) {
            MessageDigest sha256 = digest("gray", height, width);
            sha256.update(blocks.get(index / perBlock), index % perBlock * height * width, height * width);
            return sha256.digest();
        }

        @Override
        public ImageOrigin origin(int index) {
            return new ImageOrigin(file, "image " + index + (file == null ? " of the sample dataset" : ""));
        }
    }

    /** Images from an array [N, C, H, W]. */
    record ArrayValues(INDArray images) implements ImageSource {
        public ArrayValues {
            long[] shape = images.shape();
            if (shape.length != 4 || (shape[1] != 1 && shape[1] != 3) || images.length() == 0) {
                throw new IllegalArgumentException(
                        "images must be [N, C, H, W] with 1 or 3 channels and N of at least 1, but have the shape "
                                + Arrays.toString(shape));
            }
            if (shape[0] > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("at most " + Integer.MAX_VALUE + " images, but was " + shape[0]);
            }
        }

        @Override
        public int size() {
            return (int) images.size(0);
        }

        @Override
        public DecodedImage.Floats decode(int index) {
            INDArray image =
                    images.get(NDArrayIndex.point(index), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all());
            // A view may lose dimensions of size 1 on its way: the shape is said again.
            return DecodedImage.of(image.reshape(images.size(1), images.size(2), images.size(3)), origin(index));
        }

        @Override
        public byte[] contentDigest(int index) {
            FloatPixels pixels = decode(index).pixels();
            ByteBuffer bytes =
                    ByteBuffer.allocate(pixels.values().length * Float.BYTES).order(ByteOrder.nativeOrder());
            bytes.asFloatBuffer().put(pixels.values());
            MessageDigest sha256 = digest("floats", pixels.channels(), pixels.height(), pixels.width());
            sha256.update(bytes);
            return sha256.digest();
        }

        @Override
        public ImageOrigin origin(int index) {
            return ImageOrigin.named("image " + index + " of the array");
        }
    }

    /**
     * SHA-256 of one kind of content, begun with its name and its dimensions, so that the same bytes meant in another way are
     * another image.
     */
    private static MessageDigest digest(String kind, long... dimensions) {
        String head = LongStream.of(dimensions)
                .mapToObj(dimension -> " " + dimension)
                .collect(Collectors.joining("", kind, "\n"));
        MessageDigest sha256 = Sha256.create();
        sha256.update(head.getBytes(StandardCharsets.US_ASCII));
        return sha256;
    }

    /** Of an encoded image, read up to its end, or up to where it is too long to be an image. */
    private static byte[] encodedDigest(InputStream stream) throws IOException {
        MessageDigest sha256 = digest("encoded");
        byte[] piece = new byte[1 << 16];
        long total = 0;
        for (int count = stream.read(piece);
                count >= 0 && total <= ImageLimits.current().encodedBytes();
                count = stream.read(piece)) {
            sha256.update(piece, 0, count);
            total += count;
        }
        return sha256.digest();
    }
}
