package org.transfer4j.internal.format.keras;

import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.nd4j.linalg.activations.IActivation;

/** Activation, ReLU, LeakyReLU, ELU. */
record ActivationConversion(Function<LayerDescription, IActivation> function) implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        return graph.layer(
                layer,
                new ActivationLayer(function.apply(layer)),
                input,
                input.height(),
                input.width(),
                input.channels());
    }
}
