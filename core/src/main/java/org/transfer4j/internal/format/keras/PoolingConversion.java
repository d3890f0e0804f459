package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** MaxPooling2D and AveragePooling2D, whose averages leave the padding out. */
record PoolingConversion(SubsamplingLayer.PoolingType type) implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofPooling(layer);
        SubsamplingLayer made = new SubsamplingLayer.Builder(type, window.size(), window.stride())
                .convolutionMode(window.mode())
                .build();
        return graph.layer(layer, made, input, window.height(input), window.width(input), input.channels());
    }
}
