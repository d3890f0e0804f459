package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Engine;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.Trunk;

/** ONNX Runtime as the engine of this library's own networks, beside the one that computes them else. */
class OwnNetworksTest {
    private static final int SIDE = 64;
    private static final double SAME = 1e-4;
    private static final Logger LOG = LoggerFactory.getLogger(OwnNetworksTest.class);

    @AfterEach
    void leaveTheChoice() {
        Engine.use(Engine.AUTOMATIC);
        System.clearProperty(Engine.PROPERTY);
    }

    /** One of each family; all that there are with {@code -Dtransfer4j.test.allBackbones=true}. */
    static Stream<Backbone> backbones() {
        if (Boolean.getBoolean("transfer4j.test.allBackbones")) {
            return Arrays.stream(Backbone.class.getMethods())
                    .filter(method -> Modifier.isStatic(method.getModifiers())
                            && method.getParameterCount() == 0
                            && method.getReturnType() == Backbone.class)
                    .sorted(Comparator.comparing(Method::getName))
                    .map(OwnNetworksTest::made);
        }
        return Stream.of(
                Backbone.vgg16BatchNorm(),
                Backbone.resNet18(),
                Backbone.resNet50V15(),
                Backbone.mobileNetV2(),
                Backbone.mobileNetV3Large(),
                Backbone.mobileNetV4ConvSmall(),
                Backbone.efficientNetB0(),
                Backbone.efficientNetV2B0(),
                Backbone.denseNet121(),
                Backbone.hgNetV2B4(),
                Backbone.resNeXt50(),
                Backbone.regNetY016(),
                Backbone.tinyVgg(),
                Backbone.tinyResNet());
    }

    private static Backbone made(Method factory) {
        try {
            return (Backbone) factory.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static WeightedNetwork network(Backbone backbone) {
        Network network = SizedBackbone.of(backbone, SIDE, SIDE).network();
        Map<String, Map<String, INDArray>> parameters = ParameterValues.zeros(network);
        InitialWeights.fill(network, parameters, 3);
        // where deep networks' activations grow from block to block, the last digits of two engines grow apart as well
        parameters
                .values()
                .forEach(layer -> layer.forEach((name, values) -> {
                    if (name.equals("var")) {
                        values.assign(2);
                    }
                }));
        return new WeightedNetwork(network, parameters);
    }

    @ParameterizedTest
    @MethodSource("backbones")
    void computesWhatTheOtherEngineComputes(Backbone backbone) {
        WeightedNetwork network = network(backbone);
        INDArray images = Nd4j.rand(new int[] {3, 3, SIDE, SIDE}).muli(2).subi(1);
        try (Trunk own = TrunkCompiler.compile(network, Precision.FLOAT32)) {
            Engine.use(Engine.ONNXRUNTIME);
            try (Trunk other = TrunkCompiler.compile(network, Precision.FLOAT32)) {
                assertThat(own.engine()).doesNotStartWith("ONNX Runtime");
                assertThat(other.engine()).startsWith("ONNX Runtime 1.28.0 " + SharedSession.Provider.chosen());
                INDArray expected = own.infer(images);
                assertThat(expected.norm2Number().doubleValue()).isPositive();
                double apart = Goldens.relativeL2(other.infer(images), expected);
                LOG.info("{}: {} from {}", backbone.name(), apart, own.engine());
                assertThat(apart).isLessThan(SAME);
                INDArray one =
                        other.infer(images.get(NDArrayIndex.interval(1, 2)).dup('c'));
                assertThat(Goldens.relativeL2(
                                one, expected.get(NDArrayIndex.interval(1, 2)).dup('c')))
                        .isLessThan(SAME);
            }
        }
        assertThat(SharedSession.count()).isZero();
    }

    @Test
    void refusesUnknownEnginesAndProviders() {
        WeightedNetwork network = network(Backbone.tinyVgg());
        String provider = System.getProperty(SharedSession.Provider.PROPERTY, "cpu");
        System.setProperty(Engine.PROPERTY, "gpu");
        assertThatThrownBy(() -> TrunkCompiler.compile(network, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("transfer4j.engine must be one of [automatic, onednn, onnxruntime, dl4j], got gpu");
        System.setProperty(Engine.PROPERTY, "onnxruntime");
        System.setProperty(SharedSession.Provider.PROPERTY, "xnnpack");
        try {
            assertThatThrownBy(() -> TrunkCompiler.compile(network, Precision.FLOAT32))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no provider xnnpack")
                    .hasMessageContaining("no jar is published");
            System.setProperty(SharedSession.Provider.PROPERTY, "abacus");
            assertThatThrownBy(() -> TrunkCompiler.compile(network, Precision.FLOAT32))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be one of [cpu, cuda, coreml, directml, xnnpack], got abacus");
        } finally {
            System.setProperty(SharedSession.Provider.PROPERTY, provider);
        }
    }
}
