package org.transfer4j.internal.feature;

import java.util.stream.IntStream;

/**
 * Several variants of each image, of which each epoch sees one: the first epoch the first, and so on in turn.
 *
 * @param rows all variants of the first image, then those of the second, and so on
 * @param variants how many each image has
 */
public record VariantExamples(Examples rows, int variants, int epoch) implements Examples {
    /** Starts with the first epoch. */
    public VariantExamples(Examples rows, int variants) {
        this(rows, variants, 1);
    }

    @Override
    public int size() {
        return rows.size() / variants;
    }

    @Override
    public Examples inEpoch(int number) {
        return new VariantExamples(rows, variants, number);
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
