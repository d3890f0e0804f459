package org.transfer4j.internal.onnx;

import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution of each channel by itself: in ONNX one with as many groups as channels. DL4J has the weights as
 * [height, width, channels, multiplier], ONNX as [channels * multiplier, 1, height, width].
 */
final class DepthwiseConvolutionConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        DepthwiseConvolution2D layer = (DepthwiseConvolution2D) site.layer();
        Window window = Window.of(site, layer);
        INDArray weights = site.parameter(DepthwiseConvolutionParamInitializer.WEIGHT_KEY);
        long outputs = weights.size(2) * weights.size(3);
        INDArray grouped = weights.permute(2, 3, 0, 1).dup('c').reshape(outputs, 1, weights.size(0), weights.size(1));
        Node node = site.node("Conv")
                .inputs(site.image())
                .constants(site.weights(DepthwiseConvolutionParamInitializer.WEIGHT_KEY, grouped))
                .attribute("group", site.image().channels());
        if (layer.hasBias()) {
            node.constants(site.vector(DepthwiseConvolutionParamInitializer.BIAS_KEY));
        }
        return site.activate(window.describeDilated(node).output(window.shape(outputs)), layer.getActivationFn());
    }
}
