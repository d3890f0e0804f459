package org.transfer4j.internal.format.keras;

import java.util.List;

/** Turns a layer of Keras into layers of DL4J that compute the same, or says why not. */
@FunctionalInterface
interface LayerConversion {
    /**
     * Adds to the graph what computes the layer.
     *
     * @param inputs the layer's inputs, one or more
     * @return the layer's output; one of the inputs where the layer does nothing to a trained network
     * @throws org.transfer4j.error.WeightsException if the layer's settings have no counterpart
     */
    Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph);
}
