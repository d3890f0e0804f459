package org.transfer4j.internal.format.keras;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;

/** Add, Subtract, Average, Maximum: of images of the same shape. */
record ElementwiseConversion(ElementWiseVertex.Op operation) implements LayerConversion {
    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        for (Value input : inputs) {
            if (!input.sameShape(inputs.get(0))) {
                throw layer.refused("its inputs must have one shape, but have "
                        + inputs.stream().map(Value::shape).toList());
            }
        }
        if (inputs.size() < 2 || !layer.constants().isEmpty()) {
            throw layer.refused("it must have two inputs or more and no constants; constants are taken before the first"
                    + " layer alone");
        }
        return graph.vertex(
                layer, new ElementWiseVertex(operation), inputs, inputs.get(0).channels());
    }
}
