package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;

/** The settings that convolutions and poolings share in DL4J. */
record WindowLowering(
        Extent kernel, Extent stride, Extent padding, Extent dilation, ConvolutionMode mode, CNN2DFormat format) {

    static WindowLowering of(ConvolutionLayer layer) {
        return new WindowLowering(
                Extent.of(layer.getKernelSize()),
                Extent.of(layer.getStride()),
                Extent.of(layer.getPadding()),
                Extent.of(layer.getDilation()),
                layer.getConvolutionMode(),
                layer.getCnn2dDataFormat());
    }

    Window lower(LayerSite site) throws UnsupportedGraphException {
        if (format != CNN2DFormat.NCHW) {
            throw site.unsupported("data format " + format + ", not NCHW");
        }
        if (dilation.height() != 1 || dilation.width() != 1) {
            throw site.unsupported("dilation " + dilation.height() + "x" + dilation.width());
        }
        return switch (mode) {
            case Same -> Window.same(kernel, stride, site.image());
            case Truncate, Strict -> Window.explicit(kernel, stride, padding);
            case Causal -> throw site.unsupported("convolution mode " + mode);
        };
    }
}
