package org.transfer4j.internal.dl4j;

import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/** A vertex of someone's network as one of a backbone. */
final class ImportedVertex {
    private ImportedVertex() {}

    /**
     * Copies a vertex.
     *
     * @param first whether it takes the network's input, which is never flat here
     */
    static GraphVertex copy(GraphVertex vertex, boolean first) {
        if (vertex instanceof FrozenVertex frozen) {
            return copy(frozen.getUnderlying(), first);
        }
        if (vertex instanceof MergeVertex) {
            // DL4J keeps the axis of the layout that it saw first
            return new MergeVertex();
        }
        GraphVertex copy = vertex.clone();
        if (copy instanceof LayerVertex layer) {
            layer.getLayerConf().setLayer(Graphs.thawed(layer.getLayerConf().getLayer()));
            if (first && layer.getPreProcessor() instanceof FeedForwardToCnnPreProcessor) {
                layer.setPreProcessor(null);
            }
        }
        return copy;
    }
}
