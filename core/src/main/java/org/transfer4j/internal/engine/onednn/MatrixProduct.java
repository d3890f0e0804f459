package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * c = alpha a b + beta c, of matrices in C order. oneDNN computes it on the calling thread's OpenMP threads: on one of
 * {@code Workers} with that thread alone, unlike the products of ND4J, whose threads wait for each other.
 *
 * @param transposedLeft whether a is there as its transpose
 * @param transposedRight whether b is
 * @param rows of the result
 * @param columns of the result
 * @param depth how many products of two values make one value
 */
public record MatrixProduct(boolean transposedLeft, boolean transposedRight, long rows, long columns, long depth) {
    private static final byte PLAIN = 'N';
    private static final byte TRANSPOSED = 'T';

    /**
     * A matrix that starts somewhere, in memory that is not checked here.
     *
     * @param stride from one row to the next, in values
     */
    public record Operand(FloatPointer start, long stride) {
        /**
         * A part of an array.
         *
         * @param rows the array's values, row by row
         * @param offset of the first value of the part
         */
        public static Operand of(INDArray rows, long offset, long stride) {
            FloatPointer start = new FloatPointer(rows.data().addressPointer());
            return new Operand(start.position(start.position() + offset), stride);
        }
    }

    /** Multiplies. */
    public void compute(float alpha, Operand a, Operand b, float beta, Operand c) {
        int status = dnnl.dnnl_sgemm(
                transposedLeft ? TRANSPOSED : PLAIN,
                transposedRight ? TRANSPOSED : PLAIN,
                rows,
                columns,
                depth,
                alpha,
                a.start(),
                a.stride(),
                b.start(),
                b.stride(),
                beta,
                c.start(),
                c.stride());
        if (status != dnnl.dnnl_success) {
            throw new IllegalStateException("oneDNN can't multiply matrices, status " + status + ": " + this);
        }
    }
}
