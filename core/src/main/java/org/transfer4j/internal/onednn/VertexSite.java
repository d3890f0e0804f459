package org.transfer4j.internal.onednn;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.GraphVertex;

/**
 * A vertex without weights where it stands in the graph.
 *
 * @param vertex its settings
 * @param inputs what it reads
 * @param program where its operations go
 */
record VertexSite(String name, GraphVertex vertex, List<Value> inputs, ProgramBuilder program) {
    VertexSite {
        inputs = List.copyOf(inputs);
    }

    UnsupportedGraphException unsupported(String reason) {
        return UnsupportedGraphException.layer(name, vertex, reason);
    }

    /** Flat if the inputs are, of which some vertices must not mix the two kinds. */
    boolean isFlat() throws UnsupportedGraphException {
        boolean flat = inputs.get(0).flat();
        if (inputs.stream().anyMatch(input -> input.flat() != flat)) {
            throw unsupported("its inputs are images and flat values");
        }
        return flat;
    }
}
