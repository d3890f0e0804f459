package org.transfer4j.internal.onnx;

import java.util.Map;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;

/** The vertices without weights that can be exported, by their exact class. */
final class VertexConversions {
    private static final Map<Class<? extends GraphVertex>, VertexConversion> BY_KIND = Map.of(
            ElementWiseVertex.class, new ElementWiseConversion(),
            MergeVertex.class, new MergeConversion(),
            ScaleVertex.class, site -> with(site, "Mul", ((ScaleVertex) site.vertex()).getScaleFactor()),
            ShiftVertex.class, site -> with(site, "Add", ((ShiftVertex) site.vertex()).getShiftFactor()),
            SubsetVertex.class, new SubsetConversion(),
            L2NormalizeVertex.class, new L2NormalizationConversion(),
            PreprocessorVertex.class,
                    site -> Reshaping.preprocess(
                            site.graph(),
                            site.name(),
                            ((PreprocessorVertex) site.vertex()).getPreProcessor(),
                            site.input()));

    private VertexConversions() {}

    static Value convert(VertexSite site) {
        VertexConversion conversion = BY_KIND.get(site.vertex().getClass());
        if (conversion == null) {
            throw site.unsupported("is of a kind that is not known here");
        }
        return conversion.convert(site);
    }

    private static Value with(VertexSite site, String operator, double number) {
        return site.node(operator)
                .inputs(site.input())
                .constants(site.graph().scalar(site.name(), "factor", number))
                .output(site.input().shape());
    }
}
