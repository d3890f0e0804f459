package org.transfer4j.internal.gradient;

/**
 * How a window slides along height or width.
 *
 * @param dilation the distance of neighbours in the kernel, 1 where they touch
 * @param padding on either side; of no account where {@code same}
 * @param same whether there is one output for each stride, with the odd pixel of padding at the end
 */
record Axis(int kernel, int stride, int dilation, int padding, boolean same) {
    /** The number of positions along so many pixels. */
    long outputs(long size) {
        return Math.floorDiv(size + total(size) - extent(), stride) + 1;
    }

    long before(long size) {
        return total(size) / 2;
    }

    long after(long size) {
        return total(size) - before(size);
    }

    private long total(long size) {
        if (!same) {
            return 2L * padding;
        }
        long positions = (size + stride - 1) / stride;
        return Math.max(0, (positions - 1) * stride + extent() - size);
    }

    private long extent() {
        return (kernel - 1L) * dilation + 1;
    }
}
