package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.TinyBackbones;

class SubgraphTest {
    private static final ComputationGraphConfiguration RESIDUAL =
            TinyBackbones.residual().topology().configure(8, 8);

    @Test
    void whatALayerNeedsIsAllBelowIt() {
        assertThat(Subgraph.upTo(RESIDUAL, "stem_bn")).containsExactly("stem", "stem_bn");
        assertThat(Subgraph.upTo(RESIDUAL, "block_bn")).containsExactly("stem", "stem_bn", "block_conv", "block_bn");
        assertThat(Subgraph.upTo(RESIDUAL, "block_add"))
                .containsExactly("stem", "stem_bn", "block_conv", "block_bn", "block_add");
    }

    @Test
    void aCutPointHasNoConnectionAroundIt() {
        assertThat(Vertices.inOrder(RESIDUAL))
                .filteredOn(layer -> Subgraph.isCutPoint(RESIDUAL, layer))
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
        assertThat(Subgraph.isCutPoint(around, "conv")).isFalse();
        assertThat(Subgraph.isCutPoint(around, "both")).isTrue();
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(1, 1).nOut(3).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stem", "stem_bn", "block_add", "block_relu", "pool", "flatten"})
    void theTwoPartsDoWhatTheWholeDoes(String cut) {
        ComputationGraphConfiguration whole = NetworkPlan.of(
                        TinyBackbones.residual(), 8, 8, Head.flatten(), 3, Freeze.ALL, new Sgd(0.1))
                .graph();
        ComputationGraphConfiguration below = Subgraph.below(whole, cut);
        ComputationGraphConfiguration above = Subgraph.above(whole, cut);

        INDArray images = Nd4j.linspace(-1, 1, 2 * 3 * 8 * 8, DataType.FLOAT).reshape(2, 3, 8, 8);
        INDArray features = filled(below).outputSingle(false, images);
        INDArray probabilities = filled(above).outputSingle(false, features);

        assertThat(Bits.of(probabilities)).isEqualTo(Bits.of(filled(whole).outputSingle(false, images)));
        assertThat(below.getNetworkOutputs()).containsExactly(cut);
        assertThat(above.getNetworkInputs()).containsExactly(cut);
        assertThat(below.getVertices().keySet())
                .doesNotContainAnyElementsOf(above.getVertices().keySet());
        assertThat(below.getVertices().size() + above.getVertices().size())
                .isEqualTo(whole.getVertices().size());
    }

    private static ComputationGraph filled(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = Graphs.instantiate(configuration);
        InitialWeights.fill(configuration, Graphs.parameters(graph), 7);
        return graph;
    }

    @Test
    void thePartsAreCopies() {
        ComputationGraphConfiguration whole =
                TinyBackbones.residual().topology().configure(8, 8);
        String before = whole.toJson();

        Graphs.setUpdater(Subgraph.below(whole, "pool"), new Sgd(123));

        assertThat(whole.toJson()).isEqualTo(before);
    }

    /** DL4J lets layers be added in any order; what is below must come first. */
    @Test
    void theOrderIsThatOfTheConnections() {
        ComputationGraphConfiguration backwards = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .addLayer("second", convolution(), "first")
                .addLayer("first", convolution(), "input")
                .setOutputs("out")
                .build();
        assertThat(Vertices.inOrder(backwards)).containsExactly("first", "second", "out");
    }
}
