package org.transfer4j.internal.cache;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;

/** The different contents of a dataset's images, numbered: images with the same content share a number. */
final class DatasetContents {
    private final ImageDataset dataset;
    private final DigestTable table;
    private final int[] contentOfImage;
    private final int[] firstImage;

    private DatasetContents(ImageDataset dataset, DigestTable table, int[] contentOfImage, int[] firstImage) {
        this.dataset = dataset;
        this.table = table;
        this.contentOfImage = contentOfImage;
        this.firstImage = firstImage;
    }

    /** Reads all images, on all processors. */
    static DatasetContents of(ImageDataset dataset) {
        int images = dataset.size();
        byte[] digests = new byte[Math.multiplyExact(images, Sha256.BYTES)];
        IntStream.range(0, images)
                .parallel()
                .forEach(i -> System.arraycopy(dataset.contentDigest(i), 0, digests, i * Sha256.BYTES, Sha256.BYTES));
        DigestTable table = new DigestTable(images);
        int[] contentOfImage = new int[images];
        int[] firstImage = new int[images];
        for (int i = 0; i < images; i++) {
            int known = table.size();
            contentOfImage[i] = table.add(digests, i * Sha256.BYTES);
            if (table.size() > known) {
                firstImage[known] = i;
            }
        }
        return new DatasetContents(dataset, table, contentOfImage, Arrays.copyOf(firstImage, table.size()));
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
            byte[] now = dataset.contentDigest(image);
            if (!Arrays.equals(now, 0, Sha256.BYTES, digests, i * Sha256.BYTES, (i + 1) * Sha256.BYTES)) {
                throw new DatasetException(
                        null, dataset.sourceOf(image) + " was changed while its features were computed; start again");
            }
        });
        return digests;
    }
}
