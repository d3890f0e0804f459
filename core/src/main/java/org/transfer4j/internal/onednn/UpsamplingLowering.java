package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;

/** Rows and columns repeated. */
final class UpsamplingLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        Upsampling2D layer = (Upsampling2D) site.layer();
        if (layer.getFormat() != CNN2DFormat.NCHW) {
            throw site.unsupported("data format " + layer.getFormat() + ", not NCHW");
        }
        ImageShape input = site.image();
        Extent times = Extent.of(layer.getSize());
        ImageShape output =
                new ImageShape(input.channels(), input.height() * times.height(), input.width() * times.width());
        return site.program().append(output, made -> new Operation.Upsampling(site.input(), made));
    }
}
