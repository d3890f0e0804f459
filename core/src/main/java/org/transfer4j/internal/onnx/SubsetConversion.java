package org.transfer4j.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;

/** Some neighbouring channels or units; DL4J counts the last one in. */
final class SubsetConversion implements VertexConversion {
    @Override
    public Value convert(VertexSite site) {
        SubsetVertex subset = (SubsetVertex) site.vertex();
        long end = subset.getTo() + 1L;
        List<Long> shape = new ArrayList<>(site.input().shape());
        shape.set(0, end - subset.getFrom());
        return site.node("Slice")
                .inputs(site.input())
                .constants(
                        site.graph().integers(site.name(), "starts", subset.getFrom()),
                        site.graph().integers(site.name(), "ends", end),
                        site.graph().integers(site.name(), "axes", 1))
                .output(List.copyOf(shape));
    }
}
