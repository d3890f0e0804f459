package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.MergeVertex;

/** Concatenate, of channels. */
final class ConcatenateConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        layer.requireChannelAxis();
        Value first = inputs.get(0);
        long channels = 0;
        for (Value input : inputs) {
            channels += input.channels();
            if (!input.image() || input.height() != first.height() || input.width() != first.width()) {
                throw layer.refused("its inputs must be images of one size, but are "
                        + inputs.stream().map(Value::shape).toList());
            }
        }
        if (inputs.size() < 2 || channels > LayerDescription.MOST) {
            throw layer.refused("it must have two inputs or more, of " + LayerDescription.MOST
                    + " channels at most, but has " + inputs.size() + " of " + channels);
        }
        return graph.vertex(layer, new MergeVertex(), inputs, (int) channels);
    }
}
