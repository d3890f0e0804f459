package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;

/** A convolution of each channel on its own, with bias, then its activation. */
final class DepthwiseConvolutionLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        DepthwiseConvolution2D layer = (DepthwiseConvolution2D) site.layer();
        int inputs = site.channels(layer.getNIn());
        int multiplier = layer.getDepthMultiplier();
        int outputs = inputs * multiplier;
        if (layer.getNOut() != outputs) {
            throw site.unsupported(
                    "has " + layer.getNOut() + " outputs, not " + inputs + " inputs times " + multiplier);
        }
        Window window = WindowLowering.of(layer).lower(site);
        float[] kept = site.parameter(DepthwiseConvolutionParamInitializer.WEIGHT_KEY);
        float[] bias =
                layer.hasBias() ? site.parameter(DepthwiseConvolutionParamInitializer.BIAS_KEY) : new float[outputs];
        Filter filter = new Filter(outputs, 1, inputs, window.kernel(), outputsFirst(kept, outputs), bias);
        return site.activate(site.convolve(site.input(), filter, window), layer.getActivationFn());
    }

    /** DL4J has [H, W, input, multiplier]; an output's number is its input's times the multiplier, plus which of them. */
    private static float[] outputsFirst(float[] kept, int outputs) {
        int pixels = kept.length / outputs;
        float[] weights = new float[kept.length];
        for (int pixel = 0; pixel < pixels; pixel++) {
            for (int output = 0; output < outputs; output++) {
                weights[output * pixels + pixel] = kept[pixel * outputs + output];
            }
        }
        return weights;
    }
}
