package org.transfer4j.internal.onnx;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;

/** One number for each channel: its maximum or its mean. */
final class GlobalPoolingConversion implements LayerConversion {
    private static final int[] HEIGHT_AND_WIDTH = {2, 3};

    @Override
    public Value convert(LayerSite site) {
        GlobalPoolingLayer layer = (GlobalPoolingLayer) site.layer();
        int[] dimensions = layer.getPoolingDimensions();
        if (dimensions != null && !Arrays.equals(dimensions, HEIGHT_AND_WIDTH)) {
            throw site.unsupported("pools over the dimensions " + Arrays.toString(dimensions) + ", not [2, 3]");
        }
        String operator = switch (layer.getPoolingType()) {
            case MAX -> "GlobalMaxPool";
            case AVG -> "GlobalAveragePool";
            case SUM, PNORM -> throw site.unsupported("has pooling type " + layer.getPoolingType());
        };
        Value pooled = site.node(operator)
                .inputs(site.image())
                .output(List.of(site.image().channels(), 1L, 1L));
        return layer.isCollapseDimensions() ? Reshaping.flatten(site.graph(), site.name(), pooled) : pooled;
    }
}
