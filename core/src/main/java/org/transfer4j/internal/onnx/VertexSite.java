package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.GraphVertex;

/**
 * A vertex without weights where it stands in the network.
 *
 * @param name its name
 * @param vertex its settings
 * @param inputs what it reads, one value or more
 * @param graph where its nodes go
 */
record VertexSite(String name, GraphVertex vertex, List<Value> inputs, OnnxGraph graph) {
    UnsupportedOperationException unsupported(String reason) {
        return Unsupported.layer(name, vertex, reason);
    }

    /** The first input, for vertices that have no other. */
    Value input() {
        return inputs.get(0);
    }

    Node node(String operator) {
        return graph.node(name, operator);
    }
}
