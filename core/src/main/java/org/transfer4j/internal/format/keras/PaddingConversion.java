package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** ZeroPadding2D. */
final class PaddingConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelsLast();
        int[] borders = layer.borders("padding");
        return graph.layer(
                layer,
                new ZeroPaddingLayer.Builder(borders).build(),
                input,
                input.height() + borders[0] + borders[1],
                input.width() + borders[2] + borders[3],
                input.channels());
    }
}
