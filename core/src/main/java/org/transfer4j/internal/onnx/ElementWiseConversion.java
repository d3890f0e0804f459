package org.transfer4j.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;

/**
 * Sums, products and their like of several values, two at a time. A dimension of 1 is repeated as often as the others
 * have it, so that [C, 1, 1] scales channels.
 */
final class ElementWiseConversion implements VertexConversion {
    @Override
    public Value convert(VertexSite site) {
        ElementWiseVertex.Op operation = ((ElementWiseVertex) site.vertex()).getOp();
        Value result = site.input();
        for (Value next : site.inputs().subList(1, site.inputs().size())) {
            result = site.node(operator(operation)).inputs(result, next).output(broadcast(site, result, next));
        }
        return operation == ElementWiseVertex.Op.Average && site.inputs().size() > 1 ? divided(site, result) : result;
    }

    private static String operator(ElementWiseVertex.Op operation) {
        return switch (operation) {
            case Add, Average -> "Add";
            case Subtract -> "Sub";
            case Product -> "Mul";
            case Max -> "Max";
        };
    }

    private static Value divided(VertexSite site, Value sum) {
        return site.node("Div")
                .inputs(sum)
                .constants(
                        site.graph().scalar(site.name(), "count", site.inputs().size()))
                .output(sum.shape());
    }

    private static List<Long> broadcast(VertexSite site, Value left, Value right) {
        List<Long> shape = new ArrayList<>();
        for (int i = 0;
                i < left.shape().size() && left.shape().size() == right.shape().size();
                i++) {
            long first = left.shape().get(i);
            long second = right.shape().get(i);
            if (first == second || first == 1 || second == 1) {
                shape.add(Math.max(first, second));
            }
        }
        if (shape.size() != left.shape().size()) {
            throw site.unsupported("combines values of shapes " + left.shape() + " and " + right.shape());
        }
        return List.copyOf(shape);
    }
}
