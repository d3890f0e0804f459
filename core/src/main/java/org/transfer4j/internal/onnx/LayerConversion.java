package org.transfer4j.internal.onnx;

/** Writes one kind of layer as nodes of ONNX. */
interface LayerConversion {
    /**
     * Appends the layer's nodes to the graph.
     *
     * @return its output
     * @throws UnsupportedOperationException if ONNX has nothing that computes the same
     */
    Value convert(LayerSite site);
}
