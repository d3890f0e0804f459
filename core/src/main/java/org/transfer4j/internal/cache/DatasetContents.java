package org.transfer4j.internal.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.feature.SeededAugmentation;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.file.Sha256;

/**
 * The rows of a pass over a dataset, images or variants of images, by the different contents that they have: each content has
 * a number, which rows with the same content share.
 */
final class DatasetContents {
    private static final String AUGMENTED = "transfer4j augmented 1";

    private final DatasetSource source;
    private final NetworkInput input;
    private final Variants variants;
    private final DigestTable table;
    private final int[] contentOfRow;
    private int[] firstRow;

    /** Reads all images, on all processors. */
    DatasetContents(DatasetSource source, NetworkInput input, Variants variants) {
        this.source = source;
        this.input = input;
        this.variants = variants;
        int count = Math.multiplyExact(source.dataset().size(), variants.count());
        byte[] digests = new byte[Math.multiplyExact(count, Sha256.BYTES)];
        IntStream.range(0, count)
                .parallel()
                .forEach(row -> System.arraycopy(digest(row), 0, digests, row * Sha256.BYTES, Sha256.BYTES));
        table = new DigestTable(count);
        contentOfRow = new int[count];
        firstRow = new int[count];
        for (int row = 0; row < count; row++) {
            int known = table.size();
            contentOfRow[row] = table.add(digests, row * Sha256.BYTES);
            if (table.size() > known) {
                firstRow[known] = row;
            }
        }
        firstRow = Arrays.copyOf(firstRow, table.size());
    }

    /**
     * 32 bytes that are the same only where all that the trunk gets is the same. A variant is known by the image's content and
     * by all that decides what is done to it, also by the image's number, from which its draws come, and what is mixed in:
     * what is read from a cache is what would have been computed.
     */
    private byte[] digest(int row) {
        int image = variants.image(row);
        byte[] content = source.dataset().contentDigest(image);
        SeededAugmentation augmentation = variants.augmentation();
        if (augmentation == null) {
            return content;
        }
        byte[] recipe = (AUGMENTED + ": " + augmentation.augmentation()).getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = Sha256.create();
        digest.update(ByteBuffer.allocate(Long.BYTES + 3 * Integer.BYTES)
                .putLong(augmentation.seed())
                .putInt(image)
                .putInt(variants.epoch(row) - 1)
                .putInt(recipe.length)
                .array());
        digest.update(recipe);
        augmentation
                .mixture(image, variants.epoch(row), source.dataset().size(), input)
                .ifPresent(mixture -> {
                    digest.update(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(mixture.partner())
                            .array());
                    digest.update(source.dataset().contentDigest(mixture.partner()));
                });
        return digest.digest(content);
    }

    /** The number of different contents. */
    int size() {
        return table.size();
    }

    /** By row; not copied. */
    int[] contentOfRow() {
        return contentOfRow;
    }

    /** What is right for each row. */
    List<Target> targets() {
        return IntStream.range(0, contentOfRow.length)
                .mapToObj(row -> source.target(variants.image(row)))
                .toList();
    }

    /** The number of the content whose digest starts there, or -1. */
    int find(byte[] digests, int offset) {
        return table.find(digests, offset);
    }

    /** Reads a row of each of these contents. */
    BatchStream open(int[] contents, int batchSize) {
        int[] rows = IntStream.of(contents).map(content -> firstRow[content]).toArray();
        return source.open(rows, input, batchSize, variants);
    }

    /**
     * The digests of some contents, one after the other, after a second look at the images: what was computed meanwhile
     * belongs to these digests only if the images are still what they were.
     *
     * @throws DatasetException if one of them is not
     */
    byte[] confirmedDigests(int[] contents) {
        byte[] digests = new byte[contents.length * Sha256.BYTES];
        IntStream.range(0, contents.length).parallel().forEach(i -> {
            int row = firstRow[contents[i]];
            table.copy(contents[i], digests, i * Sha256.BYTES);
            byte[] now = digest(row);
            if (!Arrays.equals(now, 0, Sha256.BYTES, digests, i * Sha256.BYTES, (i + 1) * Sha256.BYTES)) {
                throw new DatasetException(
                        null,
                        source.dataset().sourceOf(variants.image(row))
                                + " was changed while its features were computed; start again");
            }
        });
        return digests;
    }

    /** Numbers digests in the order in which they come first: 32 bytes and two or three ints for each, no objects. */
    static final class DigestTable {
        private final byte[] digests;
        private final int[] slots;
        private int size;

        DigestTable(int most) {
            digests = new byte[Math.multiplyExact(most, Sha256.BYTES)];
            slots = new int[Math.max(2, Integer.highestOneBit(most) << 2)];
        }

        int size() {
            return size;
        }

        /** The number of the digest that starts there, a new one if it was not known. */
        int add(byte[] source, int offset) {
            int slot = slot(source, offset);
            if (slots[slot] == 0) {
                System.arraycopy(source, offset, digests, size * Sha256.BYTES, Sha256.BYTES);
                size++;
                slots[slot] = size;
            }
            return slots[slot] - 1;
        }

        /** The number of the digest that starts there, or -1. */
        int find(byte[] source, int offset) {
            return slots[slot(source, offset)] - 1;
        }

        void copy(int number, byte[] target, int offset) {
            System.arraycopy(digests, number * Sha256.BYTES, target, offset, Sha256.BYTES);
        }

        /** Where the digest is, or the free slot where it belongs. A digest is its own hash. */
        private int slot(byte[] source, int offset) {
            int slot = ByteBuffer.wrap(source).getInt(offset) & (slots.length - 1);
            while (slots[slot] != 0 && !isAt(slots[slot] - 1, source, offset)) {
                slot = (slot + 1) & (slots.length - 1);
            }
            return slot;
        }

        private boolean isAt(int number, byte[] source, int offset) {
            int start = number * Sha256.BYTES;
            return Arrays.equals(digests, start, start + Sha256.BYTES, source, offset, offset + Sha256.BYTES);
        }
    }
}
