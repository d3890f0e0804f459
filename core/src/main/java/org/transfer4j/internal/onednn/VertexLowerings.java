package org.transfer4j.internal.onednn;

import java.util.Map;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;

/** The vertices that are compiled. A vertex' class has to match exactly, as a layer's. */
final class VertexLowerings {
    private static final Map<Class<? extends GraphVertex>, VertexLowering> BY_KIND = Map.of(
            ElementWiseVertex.class, new ElementWiseLowering(),
            MergeVertex.class, new MergeLowering(),
            ScaleVertex.class, new ScaleLowering(),
            ShiftVertex.class, new ShiftLowering());

    private VertexLowerings() {}

    static Value lower(VertexSite site) throws UnsupportedGraphException {
        VertexLowering lowering = BY_KIND.get(site.vertex().getClass());
        if (lowering == null) {
            throw site.unsupported("this kind of vertex is not compiled");
        }
        return lowering.lower(site);
    }
}
