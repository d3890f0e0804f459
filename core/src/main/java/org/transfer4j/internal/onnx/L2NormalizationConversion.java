package org.transfer4j.internal.onnx;

import java.util.List;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;

/** Each image's values divided by their Euclidean norm, or by epsilon where the norm is smaller. */
final class L2NormalizationConversion implements VertexConversion {
    @Override
    public Value convert(VertexSite site) {
        L2NormalizeVertex vertex = (L2NormalizeVertex) site.vertex();
        if (vertex.getDimension() != null && vertex.getDimension().length > 0) {
            throw site.unsupported("normalizes along chosen dimensions");
        }
        Value input = site.input();
        List<Long> single = input.shape().stream().map(size -> 1L).toList();
        Value norm = site.node("ReduceL2")
                .inputs(input)
                .attribute(
                        "axes",
                        LongStream.rangeClosed(1, input.shape().size()).boxed().toList())
                .attribute("keepdims", 1)
                .output(single);
        Value divisor = site.node("Max")
                .inputs(norm)
                .constants(site.graph().scalar(site.name(), "epsilon", vertex.getEps()))
                .output(single);
        return site.node("Div").inputs(input, divisor).output(input.shape());
    }
}
