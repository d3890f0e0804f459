package org.transfer4j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Engine;
import org.transfer4j.backbone.Precision;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.NetworkPlan.NetworkTopology;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.TrainingHistory;

/** ONNX models where nothing runs them: this module has no engine for them. */
class OnnxEngineTest {
    private static final Op.Onnx MODEL = new Op.Onnx(5, "0".repeat(64), 7, Shape.of(3, 8, 8), Shape.of(4, 1, 1), "CC0");

    private static Network network(int height, int width) {
        Network.Builder network = new Network.Builder("images", Shape.of(3, height, width));
        network.add("onnx", "onnx", "ONNX", MODEL, List.of("images"));
        return network.build("onnx");
    }

    private static NetworkPlan plan(Freeze freeze) {
        Backbone backbone = Backbone.builder("some", (NetworkTopology) OnnxEngineTest::network)
                .inputSize(8, 8)
                .build();
        return NetworkPlan.of(backbone, 8, 8, Head.flatten(), 2, freeze);
    }

    private static INDArray bytes() {
        return Nd4j.createFromArray(new int[] {1, 2, 3, 250, 255}).castTo(DataType.UINT8);
    }

    @Test
    void countsAModelsWeightsAndKeepsItsBytes() {
        NetworkPlan plan = plan(Freeze.ALL);
        assertThat(plan.network().parameterCount()).isEqualTo(7 + 4 * 2 + 2);
        assertThat(plan.trunk())
                .hasValueSatisfying(trunk -> assertThat(
                                ParameterValues.zeros(trunk).get("onnx").get(Op.MODEL))
                        .isEqualTo(Nd4j.zeros(DataType.UINT8, 5)));
    }

    @Test
    void isNotTrained() {
        assertThatThrownBy(() -> plan(Freeze.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("some is an ONNX model, which is not trained: freezeAll()");
        Network network = network(8, 8);
        assertThatThrownBy(() -> InitialWeights.fill(
                        network, Map.of("onnx", Map.of(Op.MODEL, Nd4j.zeros(DataType.UINT8, 5))), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has its own weights");
    }

    @Test
    void readsImagesOfItsOwnSizeAlone() {
        assertThatThrownBy(() -> network(9, 9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reads images of [3, 8, 8], its input is [3, 9, 9]");
    }

    @Test
    void saysWhichModuleIsMissing(@TempDir Path folder) {
        WeightedNetwork network = new WeightedNetwork(network(8, 8), Map.of("onnx", Map.of(Op.MODEL, bytes())));
        assertThatThrownBy(() -> TrunkCompiler.compile(network, Precision.FLOAT32))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.transfer4j:transfer4j-onnxruntime");

        System.setProperty(Engine.PROPERTY, "onnxruntime");
        try {
            Network own = new Network.Builder("images", Shape.of(3, 8, 8)).build("images");
            WeightedNetwork plain = new WeightedNetwork(own, Map.of());
            assertThatThrownBy(() -> TrunkCompiler.compile(plain, Precision.FLOAT32))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "the engine is onnxruntime (Engine.use, or -Dtransfer4j.engine), but the module");
        } finally {
            System.clearProperty(Engine.PROPERTY);
        }

        Path file = folder.resolve("model.t4j");
        NetworkPlan plan = plan(Freeze.ALL);
        ModelArchive.write(
                file,
                new ModelContents(
                        "0.1.0",
                        plan.name(),
                        TopologyJson.write(plan.network()),
                        new NetworkDescription(
                                8, 8, 3, plan.cut(), List.copyOf(plan.frozen()), false, Precision.FLOAT32, Map.of()),
                        ImagePreprocessing.unit().toJson(),
                        List.of("a", "b"),
                        TrainingHistory.empty().toJson(),
                        Map.of(
                                "onnx/model",
                                bytes(),
                                "predictions/W",
                                Nd4j.ones(4, 2),
                                "predictions/b",
                                Nd4j.ones(1, 2))));
        assertThat(ModelArchive.read(file, contents -> {}).weights().get("onnx/model"))
                .isEqualTo(bytes());
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model.t4j")
                .hasMessageContaining("org.transfer4j:transfer4j-onnxruntime");
    }
}
