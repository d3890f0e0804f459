package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.OnnxModel;

/** Every backbone of the library, whole, gives the same features in ONNX Runtime. */
class BackboneExportTest {
    private static final int HEIGHT = 40;
    private static final int WIDTH = 33;

    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void theFeaturesAreTheSame(Backbone backbone) throws Exception {
        WeightedNetwork network = Dl4jGraphs.filled(NetworkPlan.backbone(backbone, HEIGHT, WIDTH), 7);
        INDArray images = Networks.images(2, HEIGHT, WIDTH);
        byte[] model =
                OnnxParity.bytes(OnnxParity.contents(network, HEIGHT, WIDTH, ImagePreprocessing.none(), Opset.DEFAULT));
        try (Trunk trunk = TrunkCompiler.compile(network, Precision.FLOAT32);
                INDArray expected = trunk.infer(images);
                OnnxModel loaded = OnnxModel.of(model)) {
            INDArray features = loaded.run(images);
            assertThat(features.shape()).isEqualTo(expected.shape());
            double difference = features.sub(expected).norm2Number().doubleValue();
            assertThat(difference / expected.norm2Number().doubleValue()).isLessThan(1e-4);
        }
    }
}
