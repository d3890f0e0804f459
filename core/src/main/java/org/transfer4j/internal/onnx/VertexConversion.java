package org.transfer4j.internal.onnx;

/** Writes one kind of vertex as nodes of ONNX. */
interface VertexConversion {
    /**
     * Appends the vertex' nodes to the graph.
     *
     * @return its output
     * @throws UnsupportedOperationException if ONNX has nothing that computes the same
     */
    Value convert(VertexSite site);
}
