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

    /** Examples that are made of these when they are read, as many as there are of these; closed with them. */
    default Examples read(Reading reading) {
        return new View(this, size(), 1, reading);
    }

    /** How batches are made of other examples, which are those of the epoch. */
    interface Reading {
        BatchStream batches(Examples examples, int epoch, int[] order, int batchSize);
    }

    /**
     * What stands between examples that were decoded or kept and a step.
     *
     * @param examples what it is made of, as it is in the epoch
     * @param size how many examples it has
     */
    record View(Examples examples, int size, int epoch, Reading reading) implements Examples {
        @Override
        public Examples inEpoch(int number) {
            return new View(examples.inEpoch(number), size, number, reading);
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            return reading.batches(examples, epoch, order, batchSize);
        }

        @Override
        public void close() {
            examples.close();
        }
    }
}
