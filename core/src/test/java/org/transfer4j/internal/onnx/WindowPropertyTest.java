package org.transfer4j.internal.onnx;

import ai.onnxruntime.OrtException;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.nd4j.linalg.activations.Activation;

/** Whatever slides over an image, and however the image is padded, ONNX Runtime computes what DL4J does. */
class WindowPropertyTest {
    @Property(tries = 40)
    void convolutions(
            @ForAll @IntRange(min = 1, max = 12) int height,
            @ForAll @IntRange(min = 1, max = 12) int width,
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 2) int dilation,
            @ForAll @IntRange(min = 0, max = 2) int padding,
            @ForAll boolean same)
            throws OrtException {
        ConvolutionLayer.Builder layer = new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(3)
                .stride(stride, stride)
                .dilation(dilation, dilation)
                .activation(Activation.IDENTITY);
        if (same) {
            // DL4J has no answer where whole strides lie between the kernels
            Assume.that(kernel >= stride);
            layer.convolutionMode(ConvolutionMode.Same);
        } else {
            int extent = (kernel - 1) * dilation + 1;
            Assume.that(fits(height, width, extent, padding) && padding < extent);
            layer.convolutionMode(ConvolutionMode.Truncate).padding(padding, padding);
        }
        assertSame(height, width, layer.build());
    }

    @Property(tries = 40)
    void poolings(
            @ForAll @IntRange(min = 1, max = 12) int height,
            @ForAll @IntRange(min = 1, max = 12) int width,
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 2) int padding,
            @ForAll boolean same,
            @ForAll boolean maximum,
            @ForAll boolean paddingCounts)
            throws OrtException {
        SubsamplingLayer.Builder layer = new SubsamplingLayer.Builder(
                        maximum ? PoolingType.MAX : PoolingType.AVG,
                        new int[] {kernel, kernel},
                        new int[] {stride, stride})
                .avgPoolIncludePadInDivisor(paddingCounts);
        if (same) {
            Assume.that(kernel >= stride);
            layer.convolutionMode(ConvolutionMode.Same);
        } else {
            Assume.that(fits(height, width, kernel, padding) && padding < kernel);
            layer.convolutionMode(ConvolutionMode.Truncate).padding(padding, padding);
        }
        assertSame(height, width, layer.build());
    }

    private static boolean fits(int height, int width, int extent, int padding) {
        return extent <= Math.min(height, width) + 2 * padding;
    }

    private static void assertSame(int height, int width, Layer layer) throws OrtException {
        OnnxParity.assertSame(Networks.layers(height, width, layer), height, width);
    }
}
