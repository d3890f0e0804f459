package org.transfer4j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.AnotherProcess;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.testing.TinyBackbones;

class TrunkCompilerTest {
    private static WeightedNetwork frozen(Backbone backbone, int height, int width) {
        return Dl4jGraphs.filled(
                SizedBackbone.of(backbone, height, width).frozenPart(Freeze.ALL).orElseThrow(), 42);
    }

    private static INDArray images(int count, int height, int width) {
        return Nd4j.linspace(-1, 1, (long) count * 3 * height * width, DataType.FLOAT)
                .reshape(count, 3, height, width);
    }

    @ParameterizedTest
    @CsvSource({"plain, 16, 24, 1", "plain, 9, 8, 5", "residual, 16, 16, 33", "vgg16, 32, 32, 3", "vgg16, 32, 48, 1"})
    void bothEnginesAgree(String name, int height, int width, int count) {
        assumeTrue(OneDnn.available());
        Backbone backbone = switch (name) {
            case "plain" -> TinyBackbones.plain();
            case "residual" -> TinyBackbones.residual();
            default -> Backbone.vgg16().upTo("block3_pool");
        };
        WeightedNetwork graph = frozen(backbone, height, width);
        try (Trunk compiled = TrunkCompiler.compile(graph, Precision.FLOAT32);
                Trunk onDl4j = TrunkCompiler.onDl4j(graph)) {
            assertThat(compiled.engine()).startsWith("oneDNN");
            assertThat(onDl4j.engine()).startsWith("DL4J");
            INDArray expected = onDl4j.infer(images(count, height, width));
            INDArray features = compiled.infer(images(count, height, width));
            assertThat(features.shape()).isEqualTo(expected.shape());
            assertThat(RelativeL2.worst(features, expected)).isLessThan(1e-5);
        }
    }

    @Test
    void aLayerThatIsNotCompiledRunsOnDl4jWithTheSameNumbers() {
        WeightedNetwork graph = frozen(TinyBackbones.upsampling(), 16, 16);
        try (Trunk trunk = TrunkCompiler.compile(graph, Precision.FLOAT32)) {
            assertThat(trunk.engine())
                    .matches("DL4J on CpuBackend of ND4J \\d+\\.\\d+\\.\\S+, threads: " + NativeThreads.count());
            assertThat(trunk.featureShape()).containsExactly(4, 16, 16);
            INDArray features = trunk.infer(images(2, 16, 16));
            assertThat(features.ordering()).isEqualTo('c');
            assertThat(Bits.of(features))
                    .isEqualTo(Bits.of(Dl4jGraphs.graph(graph).outputSingle(false, images(2, 16, 16))));
        }
    }

    /** Four networks have ops that DL4J has not. */
    @Test
    void whereNeitherOneDnnNorDl4jCanPlainJavaComputes() throws Exception {
        WeightedNetwork network = frozen(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"), 20, 17);
        String output = AnotherProcess.output(
                WithoutOneDnn.class, entry -> !entry.matches(".*dnnl-[^/\\\\]*\\.jar"), "-Xmx512m");
        assertThat(output).contains("the frozen layers are computed by plain Java, slowly: layer 'conv_activation'");
        try (Trunk inJava = TrunkCompiler.inJava(network);
                Trunk compiled = TrunkCompiler.compile(network, Precision.FLOAT32)) {
            INDArray features = inJava.infer(images(2, 20, 17));
            assertThat(output).contains("plain Java: " + Bits.of(features).hashCode());
            assertThat(RelativeL2.worst(features, compiled.infer(images(2, 20, 17))))
                    .isLessThan(1e-5);
        }
    }

    /** What the other process does. */
    static final class WithoutOneDnn {
        private WithoutOneDnn() {}

        public static void main(String[] arguments) {
            WeightedNetwork network = frozen(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"), 20, 17);
            try (Trunk trunk = TrunkCompiler.compile(network, Precision.FLOAT32)) {
                System.out.println(trunk.engine() + ": "
                        + Bits.of(trunk.infer(images(2, 20, 17))).hashCode());
            }
        }
    }

    @Test
    void whatOnlyDl4jKnowsIsNotComputedInJava() {
        WeightedNetwork network =
                Dl4jGraphs.weighted(Dl4jGraphs.graph(frozen(TinyBackbones.plain(), 16, 16)), 3, 16, 16);
        Network.Builder foreign = new Network.Builder(network.network());
        foreign.add(
                "own",
                "own",
                "MyLayer",
                new Op.Foreign(Op.Foreign.Part.LAYER, null, Shape.of(8, 4, 4)),
                List.of(network.network().output()));
        assertThatThrownBy(() -> TrunkCompiler.inJava(new WeightedNetwork(foreign.build("own"), network.parameters())))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage("layer 'own' (MyLayer): only DL4J knows this kind of layer");
    }

    @Test
    void bfloat16IsForTheCpusThatHaveIt() {
        WeightedNetwork graph = frozen(TinyBackbones.residual(), 16, 16);
        try (Trunk trunk = TrunkCompiler.compile(graph, Precision.BFLOAT16);
                Trunk inFloat = TrunkCompiler.compile(graph, Precision.FLOAT32)) {
            boolean supported = OneDnn.supports(Precision.BFLOAT16);
            assertThat(trunk.engine().contains("BFLOAT16")).isEqualTo(supported);
            assertThat(inFloat.engine()).doesNotContain("BFLOAT16");
            double distance = RelativeL2.worst(trunk.infer(images(2, 16, 16)), inFloat.infer(images(2, 16, 16)));
            assertThat(distance).isBetween(supported ? 1e-5 : 0, 2e-2);
        }
    }

    @Test
    void elsewhereFloatTakesItsPlace() throws Exception {
        assumeTrue(OneDnn.available());
        String output = AnotherProcess.output(
                AskingForBfloat16.class, entry -> true, Map.of("DNNL_MAX_CPU_ISA", "AVX2"), "-Xmx512m");

        assertThat(output)
                .contains("engine: oneDNN")
                .contains("AVX2 FLOAT32")
                .contains("the frozen layers compute in FLOAT32, not in BFLOAT16");
    }

    /** What the other process does. */
    static final class AskingForBfloat16 {
        private AskingForBfloat16() {}

        public static void main(String[] arguments) {
            try (Trunk trunk = TrunkCompiler.compile(frozen(TinyBackbones.plain(), 16, 16), Precision.BFLOAT16)) {
                System.out.println("engine: " + trunk.engine() + " "
                        + Arrays.toString(trunk.infer(images(1, 16, 16)).shape()));
            }
        }
    }

    @Test
    void onDl4jFloatTakesItsPlace() {
        WeightedNetwork graph = frozen(TinyBackbones.upsampling(), 16, 16);
        try (Trunk trunk = TrunkCompiler.compile(graph, Precision.BFLOAT16)) {
            assertThat(trunk.engine()).startsWith("DL4J").doesNotContain("BFLOAT16");
            assertThat(Bits.of(trunk.infer(images(2, 16, 16))))
                    .isEqualTo(Bits.of(Dl4jGraphs.graph(graph).outputSingle(false, images(2, 16, 16))));
        }
    }

    private static Trunk trunk(String engine) {
        return switch (engine) {
            case "oneDNN" -> TrunkCompiler.compile(frozen(TinyBackbones.plain(), 16, 16), Precision.FLOAT32);
            case "DL4J" -> TrunkCompiler.compile(frozen(TinyBackbones.upsampling(), 16, 16), Precision.FLOAT32);
            default -> TrunkCompiler.inJava(frozen(TinyBackbones.plain(), 16, 16));
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"oneDNN", "DL4J", "Java"})
    void otherShapesAreRefusedBeforeAnyNativeCall(String engine) {
        try (Trunk trunk = trunk(engine)) {
            for (INDArray wrong : new INDArray[] {
                images(1, 16, 8), Nd4j.zeros(1, 1, 16, 16), Nd4j.zeros(3, 16, 16), Nd4j.zeros(1, 16, 16, 3)
            }) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> trunk.infer(wrong))
                        .withMessageContaining("3, 16, 16]");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oneDNN", "DL4J", "Java"})
    void afterCloseItSaysSo(String engine) {
        Trunk trunk = trunk(engine);
        trunk.close();
        trunk.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> trunk.infer(images(1, 16, 16)))
                .withMessage("the trunk is closed");
    }

    @Test
    void theFeatureShapeIsACopy() {
        try (Trunk trunk = TrunkCompiler.compile(frozen(TinyBackbones.upsampling(), 16, 16), Precision.FLOAT32)) {
            trunk.featureShape()[0] = 99;
            assertThat(trunk.featureShape()).containsExactly(4, 16, 16);
        }
    }
}
