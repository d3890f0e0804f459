package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.testing.Dl4jGraphs;

/** A graph computes on oneDNN what it computes on DL4J, in every precision that the CPU has; and so in plain Java. */
final class TrunkParity {
    private static final int[] BATCHES = {1, 3};

    private TrunkParity() {}

    static void assertParity(TestGraph graph) throws Exception {
        assertParity(graph, graph.build());
    }

    static void assertParity(TestGraph graph, ComputationGraph dl4j) throws Exception {
        for (Precision precision : Precision.values()) {
            if (OneDnn.supports(precision)) {
                assertParity(graph, dl4j, precision);
            }
        }
        try (Trunk reference = TrunkCompiler.inJava(Dl4jGraphs.weighted(dl4j, graph.inputShape()))) {
            INDArray images = graph.images(BATCHES[1]);
            RelativeError.assertAgree(reference.infer(images), dl4j.outputSingle(images));
        }
    }

    private static void assertParity(TestGraph graph, ComputationGraph dl4j, Precision precision) throws Exception {
        try (OneDnnTrunk trunk = TestGraph.compile(dl4j, graph.inputShape(), precision)) {
            for (int batch : BATCHES) {
                INDArray images = graph.images(batch);
                INDArray expected = dl4j.outputSingle(images);
                INDArray features = trunk.infer(images);
                RelativeError.assertAgree(precision, features, expected);
                assertThat(features.shape()).isEqualTo(expected.shape());
                assertThat(List.of(features.ordering(), features.dataType())).isEqualTo(List.of('c', DataType.FLOAT));
            }
        }
    }
}
