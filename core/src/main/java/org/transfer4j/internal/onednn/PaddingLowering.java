package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** Zeros around each image. */
final class PaddingLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        ZeroPaddingLayer layer = (ZeroPaddingLayer) site.layer();
        ImageShape input = site.image();
        if (layer.getDataFormat() != CNN2DFormat.NCHW) {
            throw site.unsupported("data format " + layer.getDataFormat() + ", not NCHW");
        }
        int[] sides = layer.getPadding();
        Extent before = new Extent(sides[0], sides[2]);
        Extent after = new Extent(sides[1], sides[3]);
        ImageShape output = new ImageShape(
                input.channels(),
                input.height() + before.height() + after.height(),
                input.width() + before.width() + after.width());
        return site.program().append(output, made -> new Operation.Padding(site.input(), before, after, made));
    }
}
