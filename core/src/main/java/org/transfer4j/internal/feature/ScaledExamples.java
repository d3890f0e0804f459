package org.transfer4j.internal.feature;

/**
 * Features on another scale.
 *
 * @param features they stay whose they are
 */
record ScaledExamples(Examples features, FeatureScale scale) implements Examples {
    @Override
    public int size() {
        return features.size();
    }

    @Override
    public Examples inEpoch(int epoch) {
        return new ScaledExamples(features.inEpoch(epoch), scale);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        BatchStream batches = features.batches(order, batchSize);
        return new BatchStream() {
            @Override
            public boolean hasNext() {
                return batches.hasNext();
            }

            @Override
            public Batch next() {
                return batches.next().scaled(scale);
            }

            @Override
            public void close() {
                batches.close();
            }
        };
    }

    @Override
    public void close() {
        // they stay whose they are
    }
}
