package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;

/** SeparableConv2D: a depthwise convolution and one of 1x1 after it, in one layer here as there. */
final class SeparableConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int multiplier = layer.whole("depth_multiplier", 1);
        int filters = layer.whole("filters");
        boolean bias = layer.flag("use_bias", true);
        long between = Sizes.product(layer, input.channels(), multiplier);
        SeparableConvolution2D made = new SeparableConvolution2D.Builder(window.size(), window.stride())
                .padding(0, 0)
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .depthMultiplier(multiplier)
                .nOut(filters)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "pW", "b") : List.of("W", "pW"),
                false,
                Sizes.product(layer, window.area(), between)
                        + Sizes.product(layer, between, filters)
                        + (bias ? filters : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), filters);
    }
}
