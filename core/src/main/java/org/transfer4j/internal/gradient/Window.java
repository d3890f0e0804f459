package org.transfer4j.internal.gradient;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ConvolutionMode;

/** What slides over an image in a convolution or a pooling. */
record Window(Axis height, Axis width) {
    /** Translates DL4J's settings, each for height and width; empty where a mode has no counterpart. */
    static Optional<Window> of(int[] kernel, int[] stride, int[] dilation, int[] padding, ConvolutionMode mode) {
        boolean same = mode == ConvolutionMode.Same;
        return mode == ConvolutionMode.Causal
                ? Optional.empty()
                : Optional.of(new Window(
                        new Axis(kernel[0], stride[0], dilation[0], padding[0], same),
                        new Axis(kernel[1], stride[1], dilation[1], padding[1], same)));
    }

    long[] kernels() {
        return new long[] {height.kernel(), width.kernel()};
    }

    long[] strides() {
        return new long[] {height.stride(), width.stride()};
    }

    /** For oneDNN, where neighbours that touch have the distance 0. */
    long[] gaps() {
        return new long[] {height.dilation() - 1L, width.dilation() - 1L};
    }

    /** Padding above and to the left of images [N, C, H, W]. */
    long[] before(long[] images) {
        return new long[] {height.before(images[2]), width.before(images[3])};
    }

    /** Padding below and to the right of images [N, C, H, W]. */
    long[] after(long[] images) {
        return new long[] {height.after(images[2]), width.after(images[3])};
    }

    /** [N, channels, H, W] of what it gives on images [N, C, H, W]. */
    long[] outputs(long[] images, long channels) {
        return new long[] {images[0], channels, height.outputs(images[2]), width.outputs(images[3])};
    }
}
