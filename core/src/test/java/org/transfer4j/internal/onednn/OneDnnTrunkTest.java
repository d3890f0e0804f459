package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class OneDnnTrunkTest {
    @Test
    void aNarrowVggAgreesForEveryBatchSize() throws Exception {
        TestGraph vgg = TestGraph.vgg(16, 32);
        ComputationGraph graph = vgg.build();
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(graph, vgg.inputShape())) {
            for (int batch = 1; batch <= 9; batch++) {
                INDArray images = vgg.images(batch);
                RelativeError.assertAgree(trunk.infer(images), graph.outputSingle(images));
            }
        }
    }
}
