package org.transfer4j.internal.onnx;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** A convolution, its bias and its activation. The weights are [out, in, height, width] on both sides. */
final class ConvolutionConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        ConvolutionLayer layer = (ConvolutionLayer) site.layer();
        Window window = Window.of(site, layer);
        Node node =
                site.node("Conv").inputs(site.image()).constants(site.weights(ConvolutionParamInitializer.WEIGHT_KEY));
        if (layer.hasBias()) {
            node.constants(site.vector(ConvolutionParamInitializer.BIAS_KEY));
        }
        return site.activate(
                window.describeDilated(node).output(window.shape(layer.getNOut())), layer.getActivationFn());
    }
}
