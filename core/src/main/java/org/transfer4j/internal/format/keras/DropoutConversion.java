package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;

/**
 * Dropout and SpatialDropout2D. Dropout of whole images (stochastic depth, by {@code noise_shape}) has no counterpart
 * and is left out.
 */
record DropoutConversion(boolean spatial) implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        double rate = layer.number("rate", 0);
        if (rate < 0 || rate >= 1) {
            throw layer.refused("rate must be at least 0 and under 1, but is " + rate);
        }
        if (rate == 0 || layer.settings().hasNonNull("noise_shape")) {
            return input;
        }
        // DL4J counts what is kept
        DropoutLayer made = spatial
                ? new DropoutLayer.Builder(new SpatialDropout(1 - rate)).build()
                : new DropoutLayer.Builder(1 - rate).build();
        return graph.layer(layer, made, input, input.height(), input.width(), input.channels());
    }
}
