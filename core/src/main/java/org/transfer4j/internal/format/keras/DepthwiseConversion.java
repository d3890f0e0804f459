package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;

/** DepthwiseConv2D. */
final class DepthwiseConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int multiplier = layer.whole("depth_multiplier", 1);
        boolean bias = layer.flag("use_bias", true);
        int channels = Math.toIntExact(Sizes.product(layer, input.channels(), multiplier));
        DepthwiseConvolution2D made = new DepthwiseConvolution2D.Builder(window.size())
                .stride(window.stride())
                .padding(0, 0)
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .depthMultiplier(multiplier)
                .nOut(channels)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "b") : List.of("W"),
                true,
                Sizes.product(layer, window.area(), channels) + (bias ? channels : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), channels);
    }
}
