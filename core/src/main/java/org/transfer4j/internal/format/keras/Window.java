package org.transfer4j.internal.format.keras;

import org.deeplearning4j.nn.conf.ConvolutionMode;

/**
 * How a convolution or pooling moves over an image, and what size comes out. Keras' "same" puts the odd row or column
 * of padding at the bottom or right, as DL4J's {@link ConvolutionMode#Same} does.
 */
final class Window {
    private final int[] size;
    private final int[] stride;
    private final int[] dilation;
    private final ConvolutionMode mode;

    private Window(int[] size, int[] stride, int[] dilation, ConvolutionMode mode) {
        this.size = size;
        this.stride = stride;
        this.dilation = dilation;
        this.mode = mode;
    }

    static Window ofConvolution(LayerDescription layer) {
        int[] dilation = layer.pair("dilation_rate", 1);
        return of(layer, layer.pair("kernel_size", 1), layer.pair("strides", 1), dilation);
    }

    static Window ofPooling(LayerDescription layer) {
        int[] size = layer.pair("pool_size", 2);
        boolean own = layer.settings().hasNonNull("strides");
        return of(layer, size, own ? layer.pair("strides", 1) : size, new int[] {1, 1});
    }

    private static Window of(LayerDescription layer, int[] size, int[] stride, int[] dilation) {
        layer.requireChannelsLast();
        String padding = layer.text("padding", "valid");
        return switch (padding) {
            case "same" -> new Window(size, stride, dilation, ConvolutionMode.Same);
            case "valid" -> new Window(size, stride, dilation, ConvolutionMode.Truncate);
            default -> throw layer.refused("padding must be \"valid\" or \"same\", but is \"" + padding + "\"");
        };
    }

    int[] size() {
        return size.clone();
    }

    int[] stride() {
        return stride.clone();
    }

    int[] dilation() {
        return dilation.clone();
    }

    ConvolutionMode mode() {
        return mode;
    }

    int height(Value input) {
        return length(input.height(), 0);
    }

    int width(Value input) {
        return length(input.width(), 1);
    }

    private int length(int from, int dimension) {
        if (mode == ConvolutionMode.Same) {
            return Math.floorDiv(from - 1, stride[dimension]) + 1;
        }
        long reach = (size[dimension] - 1L) * dilation[dimension] + 1;
        return reach > from ? 0 : (int) ((from - reach) / stride[dimension] + 1);
    }

    long area() {
        return (long) size[0] * size[1];
    }
}
