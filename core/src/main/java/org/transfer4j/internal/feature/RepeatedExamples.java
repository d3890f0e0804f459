package org.transfer4j.internal.feature;

import java.util.stream.IntStream;

/**
 * A few examples that pass for many, to find out how long many would take.
 *
 * @param some repeated over and over
 * @param size how many they pass for
 */
public record RepeatedExamples(Examples some, int size) implements Examples {
    @Override
    public Examples inEpoch(int epoch) {
        return new RepeatedExamples(some.inEpoch(epoch), size);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return some.batches(IntStream.of(order).map(i -> i % some.size()).toArray(), batchSize);
    }

    @Override
    public void close() {
        some.close();
    }
}
