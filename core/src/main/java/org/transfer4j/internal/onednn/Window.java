package org.transfer4j.internal.onednn;

/**
 * What slides over an image in a convolution or a pooling.
 *
 * @param before padding above and to the left
 * @param after padding below and to the right
 */
record Window(Extent kernel, Extent stride, Extent before, Extent after) {
    private static final Extent ONE = new Extent(1, 1);
    private static final Extent NONE = new Extent(0, 0);

    /** One pixel at a time. */
    static Window pointwise() {
        return new Window(ONE, ONE, NONE, NONE);
    }

    /** The whole image at once. */
    static Window whole(ImageShape shape) {
        return new Window(new Extent(shape.height(), shape.width()), ONE, NONE, NONE);
    }

    /** The same padding on both sides; rows and columns that fill no whole step are left out. */
    static Window explicit(Extent kernel, Extent stride, Extent padding) {
        return new Window(kernel, stride, padding, padding);
    }

    /** Padding that gives one output for each stride, the odd pixel below and to the right as in TensorFlow. */
    static Window same(Extent kernel, Extent stride, ImageShape input) {
        int height = samePadding(kernel.height(), stride.height(), input.height());
        int width = samePadding(kernel.width(), stride.width(), input.width());
        Extent before = new Extent(height / 2, width / 2);
        return new Window(kernel, stride, before, new Extent(height - before.height(), width - before.width()));
    }

    /** The same with more padding around. */
    Window padded(Extent moreBefore, Extent moreAfter) {
        return new Window(kernel, stride, before.plus(moreBefore), after.plus(moreAfter));
    }

    boolean isUnpadded() {
        return before.equals(NONE) && after.equals(NONE);
    }

    /** Whether every position has at least one pixel of the image. */
    boolean padsLessThanKernel() {
        return before.height() < kernel.height()
                && before.width() < kernel.width()
                && after.height() < kernel.height()
                && after.width() < kernel.width();
    }

    private static int samePadding(int kernel, int stride, int size) {
        int outputs = (size + stride - 1) / stride;
        return Math.max(0, (outputs - 1) * stride + kernel - size);
    }

    /** The number of positions, which is not positive where the kernel does not fit. */
    Extent positions(ImageShape input) {
        return new Extent(
                positions(input.height(), kernel.height(), stride.height(), before.height() + after.height()),
                positions(input.width(), kernel.width(), stride.width(), before.width() + after.width()));
    }

    private static int positions(int size, int kernel, int stride, int padding) {
        return Math.floorDiv(size + padding - kernel, stride) + 1;
    }
}
