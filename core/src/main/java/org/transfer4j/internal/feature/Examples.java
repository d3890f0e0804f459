package org.transfer4j.internal.feature;

/** What the tail learns from: a fixed number of examples that can be read again and again, in any order. */
public interface Examples extends AutoCloseable {
    /** The number of examples. */
    int size();

    /** The same examples as they are in an epoch, from 1: others in each where they are augmented. */
    default Examples inEpoch(int epoch) {
        return this;
    }

    /** Reads once through the examples that the order names, in that order; the last batch may be shorter. */
    BatchStream batches(int[] order, int batchSize);

    /** Frees what was kept on disk. */
    @Override
    void close();
}
