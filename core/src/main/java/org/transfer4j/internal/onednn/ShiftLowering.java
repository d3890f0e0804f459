package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.graph.ShiftVertex;

/** One number added to everything. */
final class ShiftLowering implements VertexLowering {
    @Override
    public Value lower(VertexSite site) throws UnsupportedGraphException {
        Value input = site.inputs().get(0);
        float summand = (float) ((ShiftVertex) site.vertex()).getShiftFactor();
        ChannelScale scale = ChannelScale.same(input.shape().channels(), 1, summand);
        Value shifted = site.program().append(input.shape(), output -> new Operation.ScaleShift(input, scale, output));
        return site.isFlat() ? shifted.flattened() : shifted;
    }
}
