package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.internal.engine.onednn.Operation.Binary;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Pooling;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.network.Window;
import org.transfer4j.testing.Dl4jGraphs;

class FusionTest {
    @Test
    void aResidualBlockBecomesItsConvolutionsAlone() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6).convolution(8, 3, 1, Activation.RELU);
        String start = graph.last();
        graph.convolution(8, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization())
                .layer(new ActivationLayer(Activation.RELU))
                .convolution(8, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization());
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), graph.last(), start)
                .layer(new ActivationLayer(Activation.RELU));

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(3).allMatch(Convolution.class::isInstance);
        assertThat(fused)
                .extracting(operation -> ((Convolution) operation).activation().isIdentity())
                .containsOnly(false);
        Convolution last = (Convolution) fused.get(2);
        assertThat(last.addend()).isEqualTo(fused.get(0).output());
    }

    @Test
    void ofTwoConvolutionsThatAreAddedTheLaterTakesTheOthersResult() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6);
        String left = graph.convolution(8, 3, 1, Activation.IDENTITY).last();
        String right =
                graph.from("input").convolution(8, 1, 1, Activation.IDENTITY).last();
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), left, right);

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(2).allMatch(Convolution.class::isInstance);
        assertThat(((Convolution) fused.get(1)).addend()).isEqualTo(fused.get(0).output());
    }

    @Test
    void aResultThatIsReadTwiceStaysAsItIs() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6).convolution(8, 3, 1, Activation.IDENTITY);
        String start = graph.last();
        String activated = graph.layer(new ActivationLayer(Activation.RELU)).last();
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), start, activated);

        assertThat(fused(graph).stream().map(operation -> operation.getClass().getSimpleName()))
                .containsExactly("Convolution", "Elementwise", "Binary");
    }

    @Test
    void aNormalizationAfterAnActivationIsAConvolutionOfItsOwn() throws Exception {
        TestGraph graph = TestGraph.of(3, 6, 6)
                .convolution(8, 3, 1, Activation.RELU)
                .layer(new BatchNormalization())
                .layer(TestGraph.maximum(2, 2).build());

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(3);
        assertThat(((Convolution) fused.get(1)).filter().groups()).isEqualTo(8);
        assertThat(fused.get(2)).isInstanceOf(Pooling.class);
    }

    @Test
    void paddingBecomesAPartOfTheWindowAfterIt() throws Exception {
        TestGraph graph = TestGraph.of(3, 8, 8)
                .layer(new ZeroPaddingLayer(2, 1, 0, 3))
                .layer(TestGraph.convolution(8, 3, 1)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .padding(1, 1)
                        .build());

        assertThat(fused(graph))
                .singleElement()
                .extracting(operation -> ((Convolution) operation).window())
                .isEqualTo(new Window(new Extent(3, 3), Extent.ONE, Extent.ONE, new Extent(3, 1), new Extent(2, 4)));
    }

    @Test
    void paddingBeforeAMaximumCountsAsZerosWhereNothingIsBelowZeroAlone() throws Exception {
        assertThat(fused(paddedMaximum(Activation.RELU))).hasSize(2);
        assertThat(fused(paddedMaximum(Activation.RELU6))).hasSize(2);
        assertThat(fused(paddedMaximum(Activation.SIGMOID))).hasSize(2);
        assertThat(fused(paddedMaximum(Activation.IDENTITY))).hasSize(3);
        assertThat(fused(paddedMaximum(Activation.LEAKYRELU))).hasSize(3);
        assertThat(fused(paddedMaximum(Activation.SWISH))).hasSize(3);
    }

    @Test
    void oneNumberForEachChannelIsNotRepeated() throws Exception {
        List<Operation> fused = fused(Blocks.squeezeAndExcite(TestGraph.of(3, 6, 5), 8));

        assertThat(fused.stream().map(operation -> operation.getClass().getSimpleName()))
                .containsExactly(
                        "Convolution", "Convolution", "Pooling", "Convolution", "Convolution", "Binary", "Convolution");
        assertThat(((Binary) fused.get(5)).right().shape()).isEqualTo(Shape.of(8, 1, 1));
    }

    @Test
    void anInvertedResidualBecomesItsConvolutionsAlone() throws Exception {
        assertThat(fused(Blocks.invertedResidual(TestGraph.of(3, 8, 8), 8, false)))
                .hasSize(4)
                .allMatch(Convolution.class::isInstance);
    }

    @Test
    void aNormalizationAndAnActivationBeforeAConvolutionAreOnePass() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6)
                .layer(new BatchNormalization())
                .layer(new ActivationLayer(Activation.RELU))
                .convolution(8, 1, 1, Activation.IDENTITY);

        assertThat(fused(graph)).hasSize(2).allMatch(Convolution.class::isInstance);
    }

    private static TestGraph paddedMaximum(Activation activation) {
        return TestGraph.of(3, 8, 8)
                .convolution(8, 3, 1, activation)
                .layer(new ZeroPaddingLayer(1, 1))
                .layer(TestGraph.maximum(3, 2).build());
    }

    private static List<Operation> fused(TestGraph graph) throws Exception {
        ComputationGraph built = graph.build();
        WeightedNetwork network = Dl4jGraphs.weighted(built, graph.inputShape());
        return Fusion.fuse(Lowering.frozen(network.network(), network.values())).operations();
    }
}
