package org.transfer4j.internal.onnx;

import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** Maximum and mean over a window. */
final class PoolingConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        SubsamplingLayer layer = (SubsamplingLayer) site.layer();
        Window window = Window.of(site, layer);
        if (window.canMissTheImage()) {
            throw site.unsupported("has padding as large as its kernel");
        }
        Node node = switch (layer.getPoolingType()) {
            case MAX -> window.describeDilated(site.node("MaxPool").inputs(site.image()));
            case AVG -> mean(site, window, layer);
            case SUM, PNORM -> throw site.unsupported("has pooling type " + layer.getPoolingType());
        };
        return node.output(window.shape(site.image().channels()));
    }

    private static Node mean(LayerSite site, Window window, SubsamplingLayer layer) {
        if (window.isDilated()) {
            // the operator learned it in opset 19
            throw site.unsupported("is a dilated mean");
        }
        return window.describe(site.node("AveragePool").inputs(site.image()))
                .attribute("count_include_pad", layer.isAvgPoolIncludePadInDivisor() ? 1 : 0);
    }
}
