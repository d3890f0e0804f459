package org.transfer4j.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.MergeVertex;

/** Images beside each other channel by channel, or vectors one after the other. */
final class MergeConversion implements VertexConversion {
    @Override
    public Value convert(VertexSite site) {
        int axis = ((MergeVertex) site.vertex()).getMergeAxis();
        if (axis != MergeVertex.DEFAULT_MERGE_DIM) {
            throw site.unsupported("merges along dimension " + axis + ", not 1");
        }
        List<Long> shape = new ArrayList<>(site.input().shape());
        long channels = 0;
        for (Value value : site.inputs()) {
            if (value.shape().size() != shape.size()
                    || !value.shape().subList(1, shape.size()).equals(shape.subList(1, shape.size()))) {
                throw site.unsupported("merges values of shapes "
                        + site.inputs().stream().map(Value::shape).toList());
            }
            channels += value.channels();
        }
        shape.set(0, channels);
        return site.node("Concat")
                .inputs(site.inputs().toArray(Value[]::new))
                .attribute("axis", axis)
                .output(List.copyOf(shape));
    }
}
