package org.transfer4j.internal.onednn;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.transfer4j.internal.onednn.Operation.Pooling;

/** One number for each channel. */
final class GlobalPoolingLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        GlobalPoolingLayer layer = (GlobalPoolingLayer) site.layer();
        int[] dimensions = layer.getPoolingDimensions();
        if (dimensions != null && !Arrays.equals(dimensions, new int[] {2, 3})) {
            throw site.unsupported("pools over the dimensions " + Arrays.toString(dimensions) + ", not [2, 3]");
        }
        Pooling.Kind kind = switch (layer.getPoolingType()) {
            case MAX -> Pooling.Kind.MAXIMUM;
            case AVG -> Pooling.Kind.MEAN_WITHOUT_PADDING;
            case SUM, PNORM -> throw site.unsupported("pooling type " + layer.getPoolingType());
        };
        ImageShape input = site.image();
        Window window = Window.whole(input);
        Value pooled = site.program()
                .append(
                        new ImageShape(input.channels(), 1, 1),
                        output -> new Pooling(site.input(), kind, window, output));
        return layer.isCollapseDimensions() ? pooled.flattened() : pooled;
    }
}
