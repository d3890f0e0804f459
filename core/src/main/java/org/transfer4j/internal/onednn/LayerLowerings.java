package org.transfer4j.internal.onednn;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/**
 * The layers that are compiled. A layer's class has to match exactly: a subclass of a convolution computes something
 * else.
 */
final class LayerLowerings {
    private static final LayerLowering DROPOUT = LayerSite::input;
    private static final Map<Class<? extends Layer>, LayerLowering> BY_KIND = Map.of(
            ConvolutionLayer.class, new ConvolutionLowering(),
            Convolution2D.class, new ConvolutionLowering(),
            SubsamplingLayer.class, new PoolingLowering(),
            Pooling2D.class, new PoolingLowering(),
            GlobalPoolingLayer.class, new GlobalPoolingLowering(),
            BatchNormalization.class, new BatchNormalizationLowering(),
            ActivationLayer.class, new ActivationLowering(),
            DropoutLayer.class, DROPOUT);

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
