package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;

/** A convolution of each channel on its own, then one of 1x1 over all of them, with bias, then its activation. */
final class SeparableConvolutionLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        SeparableConvolution2D layer = (SeparableConvolution2D) site.layer();
        int inputs = site.channels(layer.getNIn());
        int between = inputs * layer.getDepthMultiplier();
        int outputs = Math.toIntExact(layer.getNOut());
        Window window = WindowLowering.of(layer).lower(site);
        float[] kept = site.parameter(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY);
        Filter depthwise =
                new Filter(between, 1, inputs, window.kernel(), inputsFirst(kept, inputs, between), new float[between]);
        float[] bias =
                layer.hasBias() ? site.parameter(SeparableConvolutionParamInitializer.BIAS_KEY) : new float[outputs];
        Filter pointwise = new Filter(
                outputs,
                between,
                1,
                Window.pointwise().kernel(),
                site.parameter(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY),
                bias);
        Value separate = site.convolve(site.input(), depthwise, window);
        return site.activate(site.convolve(separate, pointwise, Window.pointwise()), layer.getActivationFn());
    }

    /** DL4J has [multiplier, input, H, W]; the results of one input stand side by side. */
    private static float[] inputsFirst(float[] kept, int inputs, int between) {
        int multiplier = between / inputs;
        int pixels = kept.length / between;
        float[] weights = new float[kept.length];
        for (int input = 0; input < inputs; input++) {
            for (int which = 0; which < multiplier; which++) {
                System.arraycopy(
                        kept,
                        (which * inputs + input) * pixels,
                        weights,
                        (input * multiplier + which) * pixels,
                        pixels);
            }
        }
        return weights;
    }
}
