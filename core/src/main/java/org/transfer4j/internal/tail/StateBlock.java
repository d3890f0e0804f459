package org.transfer4j.internal.tail;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The state that an updater has for the parameters [from, to), all parameters being in one row.
 *
 * @param values one or more arrays (Adam: two moments), each with one value a parameter, not copied
 */
public record StateBlock(long from, long to, List<INDArray> values) {
    /** A block of an updater of ND4J, whose arrays lie one after the other in one; null if it has none. */
    public static StateBlock of(long from, long to, @Nullable INDArray state) {
        if (state == null || to == from) {
            return new StateBlock(from, to, List.of());
        }
        INDArray row = state.reshape(state.length());
        int count = Math.toIntExact(state.length() / (to - from));
        return new StateBlock(
                from,
                to,
                IntStream.range(0, count)
                        .mapToObj(i -> part(row, i * (to - from), (i + 1) * (to - from)))
                        .toList());
    }

    /** Some of an array's values, not copied. */
    public static INDArray part(INDArray row, long from, long to) {
        return row.get(NDArrayIndex.interval(from, to));
    }
}
