package org.transfer4j.internal.network;

import com.fasterxml.jackson.annotation.JsonAutoDetect;

/**
 * What slides over an image in a convolution or a pooling. Padding is always written out in pixels.
 *
 * @param dilation the distance of neighbours in the kernel, 1 where they touch
 * @param before padding above and to the left
 * @param after padding below and to the right
 */
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public record Window(Extent kernel, Extent stride, Extent dilation, Extent before, Extent after) {
    /** Checks each. */
    public Window {
        kernel.requireAtLeast(1, "kernel");
        stride.requireAtLeast(1, "stride");
        dilation.requireAtLeast(1, "dilation");
        before.requireAtLeast(0, "padding");
        after.requireAtLeast(0, "padding");
    }

    /** One pixel at a time. */
    public static final Window PIXEL = explicit(Extent.ONE, Extent.ONE, Extent.ONE, Extent.NONE);

    /** The whole image at once. */
    public static Window whole(Extent image) {
        return explicit(image, Extent.ONE, Extent.ONE, Extent.NONE);
    }

    /** The same padding on both sides, as DL4J's modes Truncate and Strict, Keras' valid (with none) and PyTorch have it. */
    public static Window explicit(Extent kernel, Extent stride, Extent dilation, Extent padding) {
        return new Window(kernel, stride, dilation, padding, padding);
    }

    /**
     * Padding that gives one output for each stride, the odd pixel below and to the right: TensorFlow's {@code SAME}, which
     * is the mode Same of DL4J and Keras (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
     *
     * @param image what it slides over
     */
    public static Window same(Extent kernel, Extent stride, Extent dilation, Extent image) {
        int height = samePadding(image.height(), kernel.height(), dilation.height(), stride.height());
        int width = samePadding(image.width(), kernel.width(), dilation.width(), stride.width());
        Extent before = new Extent(height / 2, width / 2);
        return new Window(
                kernel, stride, dilation, before, new Extent(height - before.height(), width - before.width()));
    }

    /** Whether an image is padded as {@link #same} has it. */
    public boolean isSame(Extent image) {
        return equals(same(kernel, stride, dilation, image));
    }

    private static int samePadding(int size, int kernel, int dilation, int stride) {
        long outputs = (size + stride - 1L) / stride;
        return Math.toIntExact(Math.max(0, (outputs - 1) * stride + reach(kernel, dilation) - size));
    }

    /** How many pixels a kernel reaches over. */
    static long reach(int kernel, int dilation) {
        return (kernel - 1L) * dilation + 1;
    }

    /** The same with more padding around. */
    public Window padded(Extent moreBefore, Extent moreAfter) {
        return new Window(kernel, stride, dilation, before.plus(moreBefore), after.plus(moreAfter));
    }

    /** The same without padding. */
    public Window unpadded() {
        return explicit(kernel, stride, dilation, Extent.NONE);
    }

    public boolean isUnpadded() {
        return before.equals(Extent.NONE) && after.equals(Extent.NONE);
    }

    public boolean isDilated() {
        return !dilation.equals(Extent.ONE);
    }

    /** Whether every position has at least one pixel of the image. */
    public boolean padsLessThanKernel() {
        return before.height() < kernel.height()
                && before.width() < kernel.width()
                && after.height() < kernel.height()
                && after.width() < kernel.width();
    }

    /**
     * The number of positions; rows and columns that fill no whole step are left out.
     *
     * @throws IllegalArgumentException if the kernel does not fit
     */
    public Extent positions(Extent image) {
        Extent padded = image.plus(before).plus(after);
        Extent positions = new Extent(
                positions(padded.height(), reach(kernel.height(), dilation.height()), stride.height()),
                positions(padded.width(), reach(kernel.width(), dilation.width()), stride.width()));
        if (positions.height() < 1 || positions.width() < 1) {
            throw new IllegalArgumentException("its kernel is larger than its input of " + image);
        }
        return positions;
    }

    private static int positions(int padded, long reach, int stride) {
        return Math.toIntExact(Math.floorDiv(padded - reach, (long) stride) + 1);
    }
}
