package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.transfer4j.internal.format.StrictJson;

/** Reshape of a vector to an image of one pixel, as squeeze-and-excite has it: DL4J's vertex has that shape already. */
final class ReshapeConversion implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        JsonNode target = layer.settings().path("target_shape");
        boolean pixel = target.size() == 3
                && target.get(0).asInt() == 1
                && target.get(1).asInt() == 1
                && (target.get(2).asInt() == input.channels() || target.get(2).asInt() == -1);
        if (!input.pixel() || !pixel) {
            throw layer.refused("only a vector can be reshaped, to [1, 1, channels], but " + input.shape()
                    + " should become " + StrictJson.shown(target));
        }
        return Value.image(input.vertex(), 1, 1, input.channels());
    }
}
