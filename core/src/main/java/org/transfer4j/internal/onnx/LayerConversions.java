package org.transfer4j.internal.onnx;

import static java.util.Map.entry;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/**
 * The layers that can be exported. A layer's class has to match exactly: a subclass of a convolution computes something
 * else.
 */
final class LayerConversions {
    private static final Map<Class<? extends Layer>, LayerConversion> BY_KIND = Map.ofEntries(
            entry(ConvolutionLayer.class, new ConvolutionConversion()),
            entry(Convolution2D.class, new ConvolutionConversion()),
            entry(DepthwiseConvolution2D.class, new DepthwiseConvolutionConversion()),
            entry(SeparableConvolution2D.class, new SeparableConvolutionConversion()),
            entry(SubsamplingLayer.class, new PoolingConversion()),
            entry(Pooling2D.class, new PoolingConversion()),
            entry(GlobalPoolingLayer.class, new GlobalPoolingConversion()),
            entry(ZeroPaddingLayer.class, new ZeroPaddingConversion()),
            entry(Upsampling2D.class, new UpsamplingConversion()),
            entry(BatchNormalization.class, new BatchNormalizationConversion()),
            entry(DenseLayer.class, new DenseConversion()),
            entry(OutputLayer.class, new DenseConversion()),
            entry(LossLayer.class, site -> site.activate(site.input(), ((LossLayer) site.layer()).getActivationFn())),
            entry(
                    ActivationLayer.class,
                    site -> site.activate(site.input(), ((ActivationLayer) site.layer()).getActivationFn())),
            entry(PReLULayer.class, new PReluConversion()),
            entry(DropoutLayer.class, LayerSite::input));

    private LayerConversions() {}

    static Value convert(LayerSite site) {
        LayerConversion conversion = BY_KIND.get(site.layer().getClass());
        if (conversion == null) {
            throw site.unsupported("is of a kind that is not known here");
        }
        return conversion.convert(site);
    }

    /** What a frozen layer wraps; other layers as they are. */
    static Layer thawed(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return thawed(frozen.getLayer());
        }
        return layer instanceof FrozenLayerWithBackprop frozen ? thawed(frozen.getUnderlying()) : layer;
    }
}
