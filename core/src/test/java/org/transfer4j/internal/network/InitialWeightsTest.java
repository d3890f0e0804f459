package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.TinyBackbones;

class InitialWeightsTest {
    /** DL4J keeps the logarithm of the standard deviation where it is not told to keep the variance. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void batchNormalizationStartsAsTheIdentity(boolean logarithm) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("pixels")
                .setInputTypes(InputType.convolutional(2, 2, 3))
                .addLayer(
                        "bn",
                        new BatchNormalization.Builder().useLogStd(logarithm).build(),
                        "pixels")
                .setOutputs("bn")
                .validateOutputLayerConfig(false)
                .build();
        Map<String, INDArray> parameters =
                filled(Dl4jGraphs.network(configuration, 3, 2, 2), 42).get("bn");
        assertThat(parameters).containsOnlyKeys("gamma", "beta", "mean", "var");
        assertThat(parameters.get("gamma").toFloatVector()).containsOnly(1);
        assertThat(parameters.get("beta").toFloatVector()).containsOnly(0);
        assertThat(parameters.get("mean").toFloatVector()).containsOnly(0);
        assertThat(parameters.get("var").toFloatVector()).containsOnly(1);
    }

    private static Map<String, Map<String, INDArray>> filled(Network network, long seed) {
        return Dl4jGraphs.filled(network, seed).parameters();
    }

    private static NetworkPlan plan(Freeze freeze) {
        return NetworkPlan.of(TinyBackbones.residual(), 16, 16, Head.flatten().dense(4), 3, freeze);
    }

    /** So that what is frozen does not change what a training starts from. */
    @Test
    void theyAreTheSameWhereverTheCutIs() {
        Map<String, Map<String, INDArray>> whole = filled(plan(Freeze.NONE).network(), 42);
        for (String cut : List.of("stem", "block_add", "pool")) {
            NetworkPlan plan = plan(Freeze.upTo(cut));
            Map<String, Map<String, INDArray>> parts =
                    new TreeMap<>(filled(plan.trunk().orElseThrow(), 42));
            parts.putAll(filled(plan.tail(), 42));
            assertThat(parts).containsOnlyKeys(whole.keySet());
            parts.forEach((layer, parameters) -> parameters.forEach((name, values) -> assertThat(Bits.of(values))
                    .as(layer + "/" + name)
                    .isEqualTo(Bits.of(whole.get(layer).get(name)))));
        }
    }

    @Test
    void everyLayerAndEverySeedHasItsOwn() {
        Map<String, Map<String, INDArray>> one = filled(plan(Freeze.NONE).network(), 42);
        Map<String, Map<String, INDArray>> other = filled(plan(Freeze.NONE).network(), 43);

        assertThat(Bits.of(one.get("stem").get("W")).subList(0, 20))
                .isNotEqualTo(Bits.of(one.get("block_conv").get("W")).subList(0, 20));
        assertThat(Bits.of(one.get("stem").get("W")))
                .isNotEqualTo(Bits.of(other.get("stem").get("W")));
    }

    /** SplittableRandom is easily seeded so that the next seed's numbers are the last one's, shifted by one. */
    @Test
    void neighbouringSeedsShareNoNumbers() {
        List<Integer> one =
                Bits.of(filled(plan(Freeze.NONE).network(), 42).get("stem").get("W"));
        List<Integer> other =
                Bits.of(filled(plan(Freeze.NONE).network(), 43).get("stem").get("W"));

        assertThat(one).doesNotContainAnyElementsOf(other);
    }

    /** He: sqrt(6 / fan-in); Glorot: sqrt(6 / (fan-in + fan-out)). */
    @Test
    void kernelsAreUniformWithinTheirLimits() {
        Map<String, Map<String, INDArray>> weights = filled(plan(Freeze.NONE).network(), 42);
        assertUniform(weights.get("stem").get("W"), Math.sqrt(6.0 / (3 * 9)));
        assertUniform(weights.get("dense").get("W"), Math.sqrt(6.0 / (4 * 8 * 8)));
        assertUniform(weights.get("predictions").get("W"), Math.sqrt(6.0 / (4 + 3)));
        assertThat(weights.get("dense").get("b").toFloatVector()).containsOnly(0);
    }

    /** One input a filter: the fan-in is the filter's area, however many channels there are. */
    @Test
    void depthwiseKernelsCountOneChannel() {
        Network graph = SizedBackbone.of(Backbone.mobileNetV2().upTo("block_1_depthwise"), 32, 32)
                .network();
        INDArray kernel = filled(graph, 42).get("block_1_depthwise").get("W").dup();
        assertThat(kernel.shape()).containsExactly(96, 1, 3, 3);
        assertUniform(kernel, Math.sqrt(6.0 / 9));
    }

    private static void assertUniform(INDArray values, double limit) {
        assertThat(values.amaxNumber().doubleValue()).isBetween(0.8 * limit, limit);
        assertThat(values.meanNumber().doubleValue()).isBetween(-0.3 * limit, 0.3 * limit);
    }
}
