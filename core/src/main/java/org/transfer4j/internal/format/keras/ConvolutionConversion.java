package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;

/** Conv2D. */
final class ConvolutionConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int filters = layer.whole("filters");
        boolean bias = layer.flag("use_bias", true);
        if (layer.whole("groups", 1) != 1) {
            throw layer.refused(
                    "a Conv2D of groups can't be computed; groups must be 1, but is " + layer.whole("groups"));
        }
        ConvolutionLayer made = new ConvolutionLayer.Builder(window.size(), window.stride(), new int[] {0, 0})
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .nOut(filters)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "b") : List.of("W"),
                false,
                Sizes.product(layer, window.area(), input.channels(), filters) + (bias ? filters : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), filters);
    }
}
