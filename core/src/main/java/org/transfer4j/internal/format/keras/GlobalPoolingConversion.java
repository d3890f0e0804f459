package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/** GlobalAveragePooling2D and GlobalMaxPooling2D; what is a vector in Keras stays an image of one pixel here. */
record GlobalPoolingConversion(PoolingType type) implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelsLast();
        GlobalPoolingLayer made =
                new GlobalPoolingLayer.Builder(type).collapseDimensions(false).build();
        Value output = graph.layer(layer, made, input, 1, 1, input.channels());
        return layer.flag("keepdims", false) ? output : new Value(output.vertex(), 1, 1, output.channels(), false);
    }
}
