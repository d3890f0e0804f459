package org.transfer4j.internal.feature;

import java.util.Iterator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Batches one after the other. */
public interface BatchStream extends Iterator<Batch>, AutoCloseable {
    /** Stops what works in the background. */
    @Override
    void close();

    /** The same batches, each made into another one; closed with this. */
    default BatchStream map(UnaryOperator<Batch> change) {
        return of(this, change, this::close);
    }

    /** What is made of each of some values, and how these are closed. */
    static <T> BatchStream of(Iterator<T> source, Function<T, Batch> made, Runnable close) {
        return new BatchStream() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public Batch next() {
                return made.apply(source.next());
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
