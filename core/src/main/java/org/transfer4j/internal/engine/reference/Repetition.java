package org.transfer4j.internal.engine.reference;

import java.util.function.IntUnaryOperator;
import org.transfer4j.internal.network.Shape;

/** Values whose dimensions of 1 are read as often as others have them. */
final class Repetition {
    private Repetition() {}

    /** Where an element of the larger shape is in the smaller one, whose dimensions of 1 are repeated. */
    static IntUnaryOperator of(Shape smaller, Shape larger) {
        if (smaller.equals(larger)) {
            return i -> i;
        }
        long[] few = smaller.toArray();
        long[] many = larger.toArray();
        return i -> {
            long rest = i;
            long index = 0;
            long stride = 1;
            for (int dimension = many.length - 1; dimension >= 0; dimension--) {
                index += few[dimension] == 1 ? 0 : rest % many[dimension] * stride;
                rest /= many[dimension];
                stride *= few[dimension];
            }
            return (int) index;
        };
    }
}
