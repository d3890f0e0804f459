package org.transfer4j.internal.onednn;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.transfer4j.internal.onednn.Operation.Binary;

/** Sums and products of two values or more; one number for each channel is spread over an image. */
final class ElementWiseLowering implements VertexLowering {
    @Override
    public Value lower(VertexSite site) throws UnsupportedGraphException {
        Binary.Combination kind = kind(site, ((ElementWiseVertex) site.vertex()).getOp());
        boolean flat = site.isFlat();
        List<Value> inputs = site.inputs();
        Value result = inputs.get(0);
        for (Value next : inputs.subList(1, inputs.size())) {
            result = combined(site, kind, result, next);
        }
        return flat ? result.flattened() : result;
    }

    private static Binary.Combination kind(VertexSite site, ElementWiseVertex.Op operation)
            throws UnsupportedGraphException {
        return switch (operation) {
            case Add -> Binary.Combination.SUM;
            case Product -> Binary.Combination.PRODUCT;
            case Subtract, Average, Max -> throw site.unsupported("operation " + operation);
        };
    }

    private static Value combined(VertexSite site, Binary.Combination kind, Value first, Value second)
            throws UnsupportedGraphException {
        boolean swapped = spreads(first, second);
        Value left = swapped ? second : first;
        Value right = swapped ? first : second;
        if (!left.shape().equals(right.shape()) && !spreads(right, left)) {
            throw site.unsupported("joins different shapes, " + left.shape() + " and " + right.shape());
        }
        return site.program()
                .append(left.shape(), output -> new Binary(kind, left, right, Activation.IDENTITY, output));
    }

    private static boolean spreads(Value small, Value large) {
        ImageShape shape = small.shape();
        return shape.isPixel()
                && shape.channels() == large.shape().channels()
                && large.shape().elements() > shape.elements()
                && !small.flat();
    }
}
