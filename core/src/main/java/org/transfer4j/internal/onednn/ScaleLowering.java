package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.graph.ScaleVertex;

/** Everything times one number. */
final class ScaleLowering implements VertexLowering {
    @Override
    public Value lower(VertexSite site) throws UnsupportedGraphException {
        Value input = site.inputs().get(0);
        float factor = (float) ((ScaleVertex) site.vertex()).getScaleFactor();
        ChannelScale scale = ChannelScale.same(input.shape().channels(), factor, 0);
        Value scaled = site.program().append(input.shape(), output -> new Operation.ScaleShift(input, scale, output));
        return site.isFlat() ? scaled.flattened() : scaled;
    }
}
