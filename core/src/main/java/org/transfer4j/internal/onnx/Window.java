package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * What slides over an image in a convolution or a pooling. DL4J's mode Same depends on the size of the image; here the
 * padding is always written out in pixels, which every runtime understands alike.
 */
final class Window {
    private final List<Axis> axes;

    private Window(List<Axis> axes) {
        this.axes = axes;
    }

    /**
     * One of the two directions.
     *
     * @param size of the image
     * @param before padding above or to the left
     * @param after padding below or to the right
     */
    private record Axis(long size, long kernel, long stride, long dilation, long before, long after) {
        static Axis explicit(long size, long kernel, long stride, long dilation, long padding) {
            return new Axis(size, kernel, stride, dilation, padding, padding);
        }

        /** One output for each stride; the odd pixel of padding is the last, as in TensorFlow. */
        static Axis same(long size, long kernel, long stride, long dilation) {
            long positions = (size + stride - 1) / stride;
            long padding = Math.max(0, (positions - 1) * stride + extent(kernel, dilation) - size);
            return new Axis(size, kernel, stride, dilation, padding / 2, padding - padding / 2);
        }

        private static long extent(long kernel, long dilation) {
            return (kernel - 1) * dilation + 1;
        }

        /** Rows that fill no whole step are left out. */
        long positions() {
            return Math.floorDiv(size + before + after - extent(kernel, dilation), stride) + 1;
        }
    }

    static Window of(LayerSite site, ConvolutionLayer layer) {
        return of(
                site,
                layer.getConvolutionMode(),
                layer.getCnn2dDataFormat(),
                layer.getKernelSize(),
                layer.getStride(),
                layer.getDilation(),
                layer.getPadding());
    }

    static Window of(LayerSite site, SubsamplingLayer layer) {
        return of(
                site,
                layer.getConvolutionMode(),
                layer.getCnn2dDataFormat(),
                layer.getKernelSize(),
                layer.getStride(),
                layer.getDilation(),
                layer.getPadding());
    }

    private static Window of(
            LayerSite site,
            ConvolutionMode mode,
            CNN2DFormat format,
            int[] kernel,
            int[] stride,
            int[] dilation,
            int[] padding) {
        if (format == CNN2DFormat.NHWC) {
            throw site.unsupported("has data format NHWC, not NCHW");
        }
        Value image = site.image();
        long[] sizes = {image.height(), image.width()};
        Axis[] axes = new Axis[sizes.length];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = switch (mode) {
                case Same -> Axis.same(sizes[i], kernel[i], stride[i], dilation[i]);
                case Truncate, Strict -> Axis.explicit(sizes[i], kernel[i], stride[i], dilation[i], padding[i]);
                case Causal -> throw site.unsupported("has convolution mode Causal");
            };
            if (axes[i].positions() < 1) {
                throw site.unsupported("has a kernel larger than its input " + image.shape());
            }
        }
        return new Window(List.of(axes));
    }

    boolean isDilated() {
        return axes.stream().anyMatch(axis -> axis.dilation() != 1);
    }

    /** Whether some position sees nothing but padding. */
    boolean canMissTheImage() {
        return axes.stream().anyMatch(axis -> axis.before() >= axis.kernel() || axis.after() >= axis.kernel());
    }

    /** The shape of the result. */
    List<Long> shape(long channels) {
        return List.of(channels, axes.get(0).positions(), axes.get(1).positions());
    }

    /** Sets the attributes that all operators with windows have. */
    Node describe(Node node) {
        return node.attribute("kernel_shape", axes.stream().map(Axis::kernel).toList())
                .attribute("strides", axes.stream().map(Axis::stride).toList())
                .attribute(
                        "pads",
                        List.of(
                                axes.get(0).before(),
                                axes.get(1).before(),
                                axes.get(0).after(),
                                axes.get(1).after()));
    }

    /** Sets the distance between the kernel's pixels, where the operator knows that. */
    Node describeDilated(Node node) {
        return describe(node)
                .attribute("dilations", axes.stream().map(Axis::dilation).toList());
    }
}
