package org.transfer4j.internal.onednn;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/**
 * The layers that are compiled. A layer's class has to match exactly: a subclass of a convolution computes something
 * else.
 */
final class LayerLowerings {
    private static final LayerLowering DROPOUT = LayerSite::input;
    private static final Map<Class<? extends Layer>, LayerLowering> BY_KIND = Map.ofEntries(
            Map.entry(ConvolutionLayer.class, new ConvolutionLowering()),
            Map.entry(Convolution2D.class, new ConvolutionLowering()),
            Map.entry(DepthwiseConvolution2D.class, new DepthwiseConvolutionLowering()),
            Map.entry(SeparableConvolution2D.class, new SeparableConvolutionLowering()),
            Map.entry(ZeroPaddingLayer.class, new PaddingLowering()),
            Map.entry(Upsampling2D.class, new UpsamplingLowering()),
            Map.entry(SubsamplingLayer.class, new PoolingLowering()),
            Map.entry(Pooling2D.class, new PoolingLowering()),
            Map.entry(GlobalPoolingLayer.class, new GlobalPoolingLowering()),
            Map.entry(BatchNormalization.class, new BatchNormalizationLowering()),
            Map.entry(ActivationLayer.class, new ActivationLowering()),
            Map.entry(DropoutLayer.class, DROPOUT));

    private LayerLowerings() {}

    static Value lower(LayerSite site) throws UnsupportedGraphException {
        LayerLowering lowering = BY_KIND.get(site.layer().getClass());
        if (lowering == null) {
            throw site.unsupported("this kind of layer is not compiled");
        }
        return lowering.lower(site);
    }

    /** What a frozen layer wraps; other layers as they are. */
    static Layer thawed(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return thawed(frozen.getLayer());
        }
        return layer instanceof FrozenLayerWithBackprop frozen ? thawed(frozen.getUnderlying()) : layer;
    }
}
