package org.transfer4j.internal.cache;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.transfer4j.error.DatasetException;

/** The different contents of the images of a pass, numbered: images with the same content share a number. */
final class DatasetContents {
    private final PassImages images;
    private final DigestTable table;
    private final int[] contentOfImage;
    private final int[] firstImage;

    private DatasetContents(PassImages images, DigestTable table, int[] contentOfImage, int[] firstImage) {
        this.images = images;
        this.table = table;
        this.contentOfImage = contentOfImage;
        this.firstImage = firstImage;
    }

    /** Reads all images, on all processors. */
    static DatasetContents of(PassImages images) {
        int count = images.size();
        byte[] digests = new byte[Math.multiplyExact(count, Sha256.BYTES)];
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> System.arraycopy(images.contentDigest(i), 0, digests, i * Sha256.BYTES, Sha256.BYTES));
        DigestTable table = new DigestTable(count);
        int[] contentOfImage = new int[count];
        int[] firstImage = new int[count];
        for (int i = 0; i < count; i++) {
            int known = table.size();
            contentOfImage[i] = table.add(digests, i * Sha256.BYTES);
            if (table.size() > known) {
                firstImage[known] = i;
            }
        }
        return new DatasetContents(images, table, contentOfImage, Arrays.copyOf(firstImage, table.size()));
    }

    /** The number of different contents. */
    int size() {
        return table.size();
    }

    int[] contentOfImage() {
        return contentOfImage.clone();
    }

    /** An image with the content. */
    int image(int content) {
        return firstImage[content];
    }

    /** The number of the content whose digest starts there, or -1. */
    int find(byte[] digests, int offset) {
        return table.find(digests, offset);
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
            int image = firstImage[contents[i]];
            table.copy(contents[i], digests, i * Sha256.BYTES);
            byte[] now = images.contentDigest(image);
            if (!Arrays.equals(now, 0, Sha256.BYTES, digests, i * Sha256.BYTES, (i + 1) * Sha256.BYTES)) {
                throw new DatasetException(
                        null, images.sourceOf(image) + " was changed while its features were computed; start again");
            }
        });
        return digests;
    }
}
