package org.transfer4j.internal.feature;

import java.util.Iterator;
import java.util.function.UnaryOperator;

/** Batches one after the other. */
public interface BatchStream extends Iterator<Batch>, AutoCloseable {
    /** Stops what works in the background. */
    @Override
    void close();

    /** The same batches, each made into another one; closed with this. */
    default BatchStream map(UnaryOperator<Batch> change) {
        BatchStream source = this;
        return new BatchStream() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public Batch next() {
                return change.apply(source.next());
            }

            @Override
            public void close() {
                source.close();
            }
        };
    }
}
