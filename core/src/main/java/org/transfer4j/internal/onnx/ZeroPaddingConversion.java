package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** Zeros around an image; DL4J says top, bottom, left, right. */
final class ZeroPaddingConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        ZeroPaddingLayer layer = (ZeroPaddingLayer) site.layer();
        if (layer.getDataFormat() == CNN2DFormat.NHWC) {
            throw site.unsupported("has data format NHWC, not NCHW");
        }
        int[] padding = layer.getPadding();
        Value image = site.image();
        return site.node("Pad")
                .inputs(image)
                .constants(site.graph()
                        .integers(site.name(), "pads", 0, 0, padding[0], padding[2], 0, 0, padding[1], padding[3]))
                .output(List.of(
                        image.channels(),
                        image.height() + padding[0] + padding[1],
                        image.width() + padding[2] + padding[3]));
    }
}
