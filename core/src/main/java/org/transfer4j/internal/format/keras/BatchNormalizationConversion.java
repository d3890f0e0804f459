package org.transfer4j.internal.format.keras;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;

/**
 * BatchNormalization of the channels. Without center or scale DL4J's layer has the parameter all the same, which begins
 * at 0 or 1, and is trained with the others where the layer is trained.
 */
final class BatchNormalizationConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelAxis();
        if (layer.flag("renorm", false)) {
            throw layer.refused("renorm can't be computed");
        }
        BatchNormalization made = new BatchNormalization.Builder()
                .eps(layer.number("epsilon", 1e-3))
                .decay(layer.number("momentum", 0.99))
                .useLogStd(false)
                .build();
        List<String> arrays = new ArrayList<>();
        if (layer.flag("scale", true)) {
            arrays.add("gamma");
        }
        if (layer.flag("center", true)) {
            arrays.add("beta");
        }
        arrays.add("mean");
        arrays.add("var");
        graph.stores(layer, arrays, false, (long) arrays.size() * input.channels());
        return graph.layer(layer, made, input, input.height(), input.width(), input.channels());
    }
}
