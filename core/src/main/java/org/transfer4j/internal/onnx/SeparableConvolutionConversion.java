package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution of each channel by itself, then one of 1x1 over the channels. DL4J has the weights of the first as
 * [multiplier, channels, height, width], ONNX as [channels * multiplier, 1, height, width].
 */
final class SeparableConvolutionConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        SeparableConvolution2D layer = (SeparableConvolution2D) site.layer();
        Window window = Window.of(site, layer);
        INDArray weights = site.parameter(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY);
        long middle = weights.size(0) * weights.size(1);
        INDArray grouped = weights.permute(1, 0, 2, 3).dup('c').reshape(middle, 1, weights.size(2), weights.size(3));
        Value depthwise = window.describeDilated(site.node("Conv")
                        .inputs(site.image())
                        .constants(site.weights("depthwise", grouped))
                        .attribute("group", site.image().channels()))
                .output(window.shape(middle));
        Node pointwise = site.node("Conv")
                .inputs(depthwise)
                .constants(site.weights(
                        "pointwise", site.parameter(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY)))
                .attribute("kernel_shape", List.of(1L, 1L));
        if (layer.hasBias()) {
            pointwise.constants(site.vector(SeparableConvolutionParamInitializer.BIAS_KEY));
        }
        return site.activate(pointwise.output(window.shape(layer.getNOut())), layer.getActivationFn());
    }
}
