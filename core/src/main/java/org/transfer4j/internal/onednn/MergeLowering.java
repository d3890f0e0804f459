package org.transfer4j.internal.onednn;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.MergeVertex;

/** The channels of several values side by side. */
final class MergeLowering implements VertexLowering {
    private static final int CHANNELS = 1;

    @Override
    public Value lower(VertexSite site) throws UnsupportedGraphException {
        int axis = ((MergeVertex) site.vertex()).getMergeAxis();
        if (axis != CHANNELS) {
            throw site.unsupported("merges along dimension " + axis + ", not " + CHANNELS);
        }
        boolean flat = site.isFlat();
        List<Value> parts = site.inputs();
        ImageShape first = parts.get(0).shape();
        int channels = 0;
        for (Value part : parts) {
            ImageShape shape = part.shape();
            if (shape.height() != first.height() || shape.width() != first.width()) {
                throw site.unsupported("merges images of different sizes, " + first + " and " + shape);
            }
            channels += shape.channels();
        }
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Value merged = site.program()
                .append(
                        new ImageShape(channels, first.height(), first.width()),
                        output -> new Operation.Concatenation(parts, output));
        return flat ? merged.flattened() : merged;
    }
}
