package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.head.Head;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.TinyBackbones;

class NetworkTest {
    private static final Network RESIDUAL =
            Dl4jGraphs.network(TinyBackbones.residual().topology().configure(8, 8), 3, 8, 8);

    @Test
    void whatALayerNeedsIsAllBelowIt() {
        assertThat(RESIDUAL.layersUpTo("stem_bn")).containsExactly("stem", "stem_bn");
        assertThat(RESIDUAL.layersUpTo("block_bn")).containsExactly("stem", "stem_bn", "block_conv", "block_bn");
        assertThat(RESIDUAL.layersUpTo("block_add"))
                .containsExactly("stem", "stem_bn", "block_conv", "block_bn", "block_add");
    }

    @Test
    void aCutPointHasNoConnectionAroundIt() {
        assertThat(RESIDUAL.layers().keySet())
                .filteredOn(RESIDUAL::isCutPoint)
                .containsExactly("stem", "stem_bn", "block_add", "block_relu", "pool");
    }

    /** The network's input may lead around a layer as well. */
    @Test
    void aConnectionFromTheInputCounts() {
        ComputationGraphConfiguration around = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .addLayer("conv", convolution(), "input")
                .addLayer("both", convolution(), "conv", "input")
                .setOutputs("both")
                .validateOutputLayerConfig(false)
                .build();
        Network network = Dl4jGraphs.network(around, 3, 4, 4);
        assertThat(network.isCutPoint("conv")).isFalse();
        assertThat(network.isCutPoint("both")).isTrue();
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(1, 1).nOut(3).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stem", "stem_bn", "block_add", "block_relu", "pool", "flatten"})
    void theTwoPartsDoWhatTheWholeDoes(String cut) {
        Network whole = NetworkPlan.of(TinyBackbones.residual(), 8, 8, Head.flatten(), 3, Freeze.ALL)
                .network();
        Network below = whole.below(cut);
        Network above = whole.above(cut);

        INDArray images = Nd4j.linspace(-1, 1, 2 * 3 * 8 * 8, DataType.FLOAT).reshape(2, 3, 8, 8);
        INDArray features = filled(below).outputSingle(false, images);
        INDArray probabilities = filled(above).outputSingle(false, features);

        assertThat(Bits.of(probabilities)).isEqualTo(Bits.of(filled(whole).outputSingle(false, images)));
        assertThat(below.output()).isEqualTo(cut);
        assertThat(above.input()).isEqualTo(cut);
        assertThat(above.inputShape()).isEqualTo(below.shape(cut));
        assertThat(below.nodes().keySet())
                .doesNotContainAnyElementsOf(above.nodes().keySet());
        assertThat(below.nodes().size() + above.nodes().size())
                .isEqualTo(whole.nodes().size());
    }

    private static ComputationGraph filled(Network network) {
        return Dl4jGraphs.graph(Dl4jGraphs.filled(network, 7));
    }

    /** DL4J lets layers be added in any order; what is below must come first. */
    @Test
    void theOrderIsThatOfTheConnections() {
        ComputationGraphConfiguration backwards = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .addLayer("out", convolution(), "second")
                .addLayer("second", convolution(), "first")
                .addLayer("first", convolution(), "input")
                .setOutputs("out")
                .validateOutputLayerConfig(false)
                .build();
        assertThat(Dl4jGraphs.network(backwards, 3, 4, 4).layers().keySet()).containsExactly("first", "second", "out");
    }
}
