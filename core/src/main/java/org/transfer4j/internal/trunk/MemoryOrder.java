package org.transfer4j.internal.trunk;

import org.nd4j.linalg.api.ndarray.INDArray;

/** How the values of an array lie in memory. */
public final class MemoryOrder {
    private MemoryOrder() {}

    /**
     * Whether the values lie one after another in C order, as in a fresh array or in a part of the first dimension. Not
     * ND4J's own question for default strides: its answer is no for some arrays of one row.
     */
    public static boolean isContiguous(INDArray array) {
        long stride = 1;
        for (int dimension = array.rank() - 1; dimension >= 0; dimension--) {
            if (array.size(dimension) > 1 && array.stride(dimension) != stride) {
                return false;
            }
            stride *= array.size(dimension);
        }
        return true;
    }
}
