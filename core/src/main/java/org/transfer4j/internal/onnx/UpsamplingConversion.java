package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;

/** Rows and columns repeated; of an image of one pixel, that pixel everywhere. */
final class UpsamplingConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        Upsampling2D layer = (Upsampling2D) site.layer();
        if (layer.getFormat() == CNN2DFormat.NHWC) {
            throw site.unsupported("has data format NHWC, not NCHW");
        }
        Value image = site.image();
        int[] times = layer.getSize();
        return site.node("Resize")
                .inputs(image)
                // no region of interest
                .constants("", site.graph().floats(site.name(), "scales", List.of(4L), 1, 1, times[0], times[1]))
                .attribute("mode", "nearest")
                .attribute("coordinate_transformation_mode", "asymmetric")
                .attribute("nearest_mode", "floor")
                .output(List.of(image.channels(), image.height() * times[0], image.width() * times[1]));
    }
}
