package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.error.DatasetException;

class IdxDatasetTest {
    @TempDir
    Path folder;

    /** Pixel i of the whole file is i modulo 251. */
    static byte[] images(int count, int height, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * height * width);
        bytes.putInt(0x803).putInt(count).putInt(height).putInt(width);
        for (int i = 0; bytes.hasRemaining(); i++) {
            bytes.put((byte) (i % 251));
        }
        return bytes.array();
    }

    static byte[] labels(int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
        bytes.putInt(0x801).putInt(labels.length);
        for (int label : labels) {
            bytes.put((byte) label);
        }
        return bytes.array();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(result)) {
            stream.write(bytes);
        }
        return result.toByteArray();
    }

    private ImageDataset open(byte[] images, byte[] labels) throws IOException {
        return ImageDataset.idx(
                Files.write(folder.resolve("images"), images), Files.write(folder.resolve("labels"), labels));
    }

    private void assertRefused(byte[] images, byte[] labels, String file, String... reasons) {
        assertThatThrownBy(() -> open(images, labels))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(folder.resolve(file) + ": ")
                .hasMessageContainingAll(reasons);
    }

    @Test
    void plainAndCompressedGiveTheSame() throws IOException {
        byte[] images = images(3, 4, 5);
        byte[] labels = labels(9, 255, 9);
        for (boolean compressed : new boolean[] {false, true}) {
            ImageDataset dataset = open(compressed ? gzip(images) : images, compressed ? gzip(labels) : labels);
            assertThat(dataset.size()).isEqualTo(3);
            assertThat(dataset.classNames()).containsExactly("9", "255");
            assertThat(dataset.label(1)).isEqualTo("255");
            assertThat(dataset.image(2).shape()).containsExactly(1, 1, 4, 5);
            assertThat(dataset.image(2).getInt(0, 0, 3, 4)).isEqualTo(59);
            assertThat(dataset.sourceOf(2)).isEqualTo(folder.resolve("images") + ": image 2");
        }
    }

    /** The pixels are held in blocks of a megabyte. */
    @Test
    void imagesAreFoundInEveryBlock() throws IOException {
        ImageDataset dataset = open(images(5, 700, 700), labels(0, 1, 2, 3, 4));
        for (int i : new int[] {0, 1, 2, 3, 4}) {
            assertThat(dataset.image(i).getInt(0, 0, 699, 699)).isEqualTo(((i + 1) * 490_000 - 1) % 251);
        }
    }

    @Test
    void wrongMagicNumbers() throws IOException {
        byte[] images = images(2, 2, 2);
        byte[] labels = labels(0, 1);
        assertRefused(images, images, "labels", "0x00000803", "0x00000801", "swapped");
        assertRefused(labels, labels, "images", "magic number 0x00000801", "0x00000803", "swapped");
        byte[] foreign = images.clone();
        foreign[2] = 0x0D;
        assertRefused(foreign, labels, "images", "0x00000D03", "is it an IDX file?");
    }

    @Test
    void everyTruncationIsFound() throws IOException {
        byte[] images = images(2, 2, 2);
        byte[] labels = labels(0, 1);
        for (int length = 0; length < images.length; length++) {
            assertRefused(Arrays.copyOf(images, length), labels, "images", "truncated");
        }
        for (int length = 0; length < labels.length; length++) {
            assertRefused(images, Arrays.copyOf(labels, length), "labels", "truncated");
        }
        byte[] packed = gzip(images(40, 9, 9));
        for (int missing : new int[] {1, 8, 9, 30, packed.length - 2, packed.length - 12}) {
            assertRefused(Arrays.copyOf(packed, packed.length - missing), labels, "images", "truncated");
        }
        assertRefused(gzip(Arrays.copyOf(images, images.length - 1)), labels, "images", "truncated");
        assertRefused(images, gzip(Arrays.copyOf(labels, 9)), "labels", "truncated");
    }

    @Test
    void trailingBytesAndDifferentCounts() throws IOException {
        byte[] images = images(2, 2, 2);
        byte[] labels = labels(0, 1);
        assertRefused(Arrays.copyOf(images, images.length + 1), labels, "images", "bytes behind");
        assertRefused(images, gzip(Arrays.copyOf(labels, labels.length + 1)), "labels", "bytes behind");
        assertRefused(images, labels(0, 1, 1), "images", "2 images", "labels holds 3 labels");
    }

    @Test
    void damagedCompressionIsFound() throws IOException {
        byte[] packed = gzip(images(40, 9, 9));
        packed[packed.length - 6] ^= 1;
        assertRefused(packed, labels(0), "images", "damaged");
    }

    @Test
    void emptyPartsOfACompressedFileAreNotWalkedForEver() throws IOException {
        byte[] empty = gzip(new byte[0]);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 50_000; i++) {
            many.write(empty);
        }
        assertRefused(many.toByteArray(), labels(0), "images", "damaged", "empty members");
        many.reset();
        many.write(empty);
        many.write(gzip(images(2, 2, 2)));
        assertThat(open(many.toByteArray(), labels(0, 1)).size()).isEqualTo(2);
    }

    @Test
    void labelsAreCountedBeforeTheyAreRead() throws IOException {
        ByteBuffer many = ByteBuffer.allocate(8 + 3_000_000).putInt(0x0801).putInt(3_000_000);
        assertRefused(images(1, 1, 1), gzip(many.array()), "images", "labels holds 3000000 labels");
    }

    @Test
    void absurdDimensionsCostNothing() throws IOException {
        byte[] labels = labels(0, 1);
        assertRefused(header(0, 2, 2), labels, "images", "images", "header says 0");
        assertRefused(header(-1, 2, 2), labels, "images", "header says 4294967295");
        assertRefused(header(1, 0, 2), labels, "images", "rows", "header says 0");
        assertRefused(
                header(1, 20_000, 20_000), labels, "images", "each is 20000x20000 pixels", "transfer4j.image.pixels");
        assertRefused(header(Integer.MAX_VALUE, 10_000, 10_000), labels, "images", "promises 214748364700000000 bytes");
        assertRefused(gzip(header(Integer.MAX_VALUE, 9_000, 9_000)), labels, "images", "compressed bytes can hold");
        byte[] manyLabels =
                ByteBuffer.allocate(9).putInt(0x801).putInt(2_000_000_000).array();
        assertRefused(images(1, 1, 1), manyLabels, "labels", "promises 2000000000 bytes");
    }

    private static byte[] header(int count, int height, int width) {
        return ByteBuffer.allocate(20)
                .putInt(0x803)
                .putInt(count)
                .putInt(height)
                .putInt(width)
                .array();
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Path labels = Files.write(folder.resolve("labels"), labels(0));
        assertThatThrownBy(() -> ImageDataset.idx(folder.resolve("none"), labels))
                .isInstanceOf(DatasetException.class)
                .hasMessage(folder.resolve("none") + ": does not exist");
    }

    @Test
    void aFolderIsNoIdxFile(@TempDir Path directory) {
        assertThatThrownBy(() -> ImageDataset.idx(directory, directory))
                .isInstanceOf(DatasetException.class)
                .hasMessage(directory + ": is a folder, but an IDX file is needed");
    }
}
