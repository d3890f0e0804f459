package org.transfer4j.internal.dl4j;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/** What DL4J's convolutions and poolings, which have no class in common, say of their windows. */
@SuppressWarnings("ArrayRecordComponent") // they are the layers' own
record WindowSettings(
        CNN2DFormat format, ConvolutionMode mode, int[] kernel, int[] stride, int[] dilation, int[] padding) {
    static WindowSettings of(ConvolutionLayer layer) {
        return new WindowSettings(
                layer.getCnn2dDataFormat(),
                layer.getConvolutionMode(),
                layer.getKernelSize(),
                layer.getStride(),
                layer.getDilation(),
                layer.getPadding());
    }

    static WindowSettings of(SubsamplingLayer layer) {
        return new WindowSettings(
                layer.getCnn2dDataFormat(),
                layer.getConvolutionMode(),
                layer.getKernelSize(),
                layer.getStride(),
                layer.getDilation(),
                layer.getPadding());
    }

    /**
     * The window over an image.
     *
     * @throws IllegalArgumentException if it is none, or none that an op has
     */
    Window on(Shape image) {
        if (!image.isImage()) {
            throw new IllegalArgumentException("needs an image [C, H, W], its input is " + image);
        }
        return switch (mode) {
            case Same -> Window.same(Extent.of(kernel), Extent.of(stride), Extent.of(dilation), image.size());
            case Truncate, Strict ->
                Window.explicit(Extent.of(kernel), Extent.of(stride), Extent.of(dilation), Extent.of(padding));
            case Causal -> throw new IllegalArgumentException("convolution mode " + mode);
        };
    }
}
