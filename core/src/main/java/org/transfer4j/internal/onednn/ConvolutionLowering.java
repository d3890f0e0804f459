package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** A convolution with bias, then its activation. */
final class ConvolutionLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        ConvolutionLayer layer = (ConvolutionLayer) site.layer();
        int inputs = site.channels(layer.getNIn());
        Window window = WindowLowering.of(layer).lower(site);
        int outputs = Math.toIntExact(layer.getNOut());
        float[] weights = site.parameter(ConvolutionParamInitializer.WEIGHT_KEY);
        float[] bias = layer.hasBias() ? site.parameter(ConvolutionParamInitializer.BIAS_KEY) : new float[outputs];
        Filter filter = new Filter(outputs, inputs, 1, window.kernel(), weights, bias);
        return site.activate(site.convolve(site.input(), filter, window), layer.getActivationFn());
    }
}
