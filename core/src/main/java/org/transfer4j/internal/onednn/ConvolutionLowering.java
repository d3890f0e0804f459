package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** A convolution with bias, then its activation. */
final class ConvolutionLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        ConvolutionLayer layer = (ConvolutionLayer) site.layer();
        ImageShape input = site.image();
        if (layer.getNIn() != input.channels()) {
            throw site.unsupported("wants " + layer.getNIn() + " channels, its input has " + input.channels());
        }
        Window window = new WindowLowering(
                        Extent.of(layer.getKernelSize()),
                        Extent.of(layer.getStride()),
                        Extent.of(layer.getPadding()),
                        Extent.of(layer.getDilation()),
                        layer.getConvolutionMode(),
                        layer.getCnn2dDataFormat())
                .lower(site);
        int outputs = Math.toIntExact(layer.getNOut());
        float[] weights = site.parameter(ConvolutionParamInitializer.WEIGHT_KEY);
        float[] bias = layer.hasBias() ? site.parameter(ConvolutionParamInitializer.BIAS_KEY) : new float[outputs];
        Filter filter = new Filter(outputs, input.channels(), 1, window.kernel(), weights, bias);
        Value convolved = site.program()
                .append(
                        site.shapeAfter(window, outputs),
                        output -> new Operation.Convolution(
                                site.input(), filter, window, null, Activation.IDENTITY, output));
        return site.activate(convolved, layer.getActivationFn());
    }
}
