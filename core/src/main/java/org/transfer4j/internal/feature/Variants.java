package org.transfer4j.internal.feature;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How many rows of features each image of a pass becomes: all of the first image, then those of the second, and so on.
 *
 * @param augmentation by which they differ: the first row is the image as it is in the first epoch, and so on; null where an
 *     image has one row, as it is
 * @param count how many an image has
 */
public record Variants(@Nullable SeededAugmentation augmentation, int count) {
    /** Images as they are. */
    public static final Variants NONE = new Variants(null, 1);

    /** The image of a row. */
    public int image(int row) {
        return row / count;
    }

    /** The epoch, from 1, in which the image is as in a row. */
    public int epoch(int row) {
        return row % count + 1;
    }

    /** The images that have these rows, each as it is in the epoch whose turn it is: the first variant in the first, and so on. */
    public Examples inTurn(Examples rows) {
        return new InTurn(rows, count, 1);
    }

    private record InTurn(Examples rows, int variants, int epoch) implements Examples {
        @Override
        public int size() {
            return rows.size() / variants;
        }

        @Override
        public Examples inEpoch(int number) {
            return new InTurn(rows, variants, number);
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            int variant = (epoch - 1) % variants;
            return rows.batches(
                    IntStream.of(order).map(image -> image * variants + variant).toArray(), batchSize);
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
